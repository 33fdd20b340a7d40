# answers of Redis about the old queue, and the jobs in them
yogi_fuzz(bull_job yogi_bull)
