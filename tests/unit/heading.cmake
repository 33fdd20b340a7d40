yogi_unit(phrase engine_rules yogi_proto)
yogi_unit(heading engine_rules yogi_proto)
