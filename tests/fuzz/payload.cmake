# data of jobs, and what workers return
yogi_fuzz(payload yogi_papers yogi_proto)
