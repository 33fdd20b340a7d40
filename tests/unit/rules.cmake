# the rules engine, room by room
yogi_unit(vocabulary engine_rules)
