/* bull_scripts: what is done to a queue of Bull in one step, for bull.c alone. Lua, for EVAL. */
#ifndef YOGI_DEPLOY_BULL_SCRIPTS_H
#define YOGI_DEPLOY_BULL_SCRIPTS_H

/* KEYS: active wait paused delayed priority stalled job; ARGV: id, the keys' beginning. 1 taken, 0 locked, -1 not in
 * any list. */
extern const char bull_script_take[];

/* KEYS: from to meta-paused meta; ARGV: "1" pause or "0" resume, the event's name (a channel). 1 changed, 0 it was so.
 * A list that Bull's own scripts would overwrite is kept. */
extern const char bull_script_pause[];

/* KEYS: wait paused meta-paused id job; ARGV: the job's id, name, data, opts, timestamp. 1 added, 0 it is there. */
extern const char bull_script_add[];

#endif
