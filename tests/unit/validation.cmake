yogi_unit(validation stage_validation yogi_proto m)
yogi_unit(daytext engine_rules yogi_proto)
