# data of jobs, and what workers return
if(YOGI_BRIDGE)
  yogi_fuzz(payload yogi_papers yogi_proto)
endif()
