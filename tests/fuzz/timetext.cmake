yogi_fuzz(timetext engine_rules yogi_proto)
