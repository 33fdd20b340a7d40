yogi_unit(s3 yogi_s3)
yogi_unit(bucket yogi_s3)
target_sources(unit_bucket PRIVATE ${CMAKE_SOURCE_DIR}/deploy/up/bucket.c)
