yogi_unit(move_values yogi_move)
yogi_unit(move_folder yogi_move)
yogi_unit(bull_job yogi_bull)
