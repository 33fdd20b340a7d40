# values of a database that is moved
yogi_fuzz(moveform yogi_move)
