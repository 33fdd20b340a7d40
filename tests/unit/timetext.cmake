yogi_unit(timetext engine_rules yogi_proto)
