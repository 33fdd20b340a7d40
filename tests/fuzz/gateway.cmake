yogi_fuzz(request yogi_http yogi_proto)
yogi_fuzz(body yogi_gateway)
yogi_fuzz(answer yogi_s3)
