yogi_fuzz(daytext engine_rules yogi_proto)
