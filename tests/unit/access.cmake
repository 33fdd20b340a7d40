yogi_unit(limiter yogi_access)
