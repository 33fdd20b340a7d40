# answers of Redis, and the jobs in them
if(YOGI_BRIDGE)
  yogi_fuzz(bridge_job yogi_bridge)
endif()
