# tokens of others
yogi_fuzz(jwt yogi_access)
