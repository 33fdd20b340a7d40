if(YOGI_BRIDGE)
  yogi_unit(cron yogi_cron)
endif()
