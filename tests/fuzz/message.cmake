yogi_fuzz(message yogi_proto)
