# the rules engine, room by room
yogi_unit(vocabulary engine_rules)
yogi_unit(phrase engine_rules yogi_proto)
yogi_unit(heading engine_rules yogi_proto)
yogi_unit(timetext engine_rules yogi_proto)
yogi_unit(daytext engine_rules yogi_proto)
yogi_unit(units engine_rules yogi_proto)
yogi_unit(lists engine_rules yogi_proto)
