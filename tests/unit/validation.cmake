yogi_unit(validation stage_validation yogi_proto m)
