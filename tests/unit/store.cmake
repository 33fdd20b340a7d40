yogi_unit(store_parts yogi_store)
