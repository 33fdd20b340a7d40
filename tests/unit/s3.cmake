yogi_unit(s3 yogi_s3)
