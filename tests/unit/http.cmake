yogi_unit(route yogi_http)
