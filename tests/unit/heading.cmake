yogi_unit(phrase engine_rules yogi_proto)
