# URLs that somebody hands in
yogi_fuzz(source yogi_fetch PkgConfig::dep_libcurl)
