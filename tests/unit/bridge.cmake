yogi_unit(cron yogi_cron)
