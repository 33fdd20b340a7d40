/* bull_scripts: see bull_scripts.h. */
#include "bull_scripts.h"

/* A number for debouncing (4.16) may stand for another job by now; what a rate limiter remembers goes too. */
const char bull_script_take[] =
    "if redis.call('EXISTS', KEYS[7] .. ':lock') == 1 then return 0 end\n"
    "local id, head = ARGV[1], ARGV[2]\n"
    "local gone = redis.call('LREM', KEYS[1], 0, id) + redis.call('LREM', KEYS[2], 0, id)\n"
    "  + redis.call('LREM', KEYS[3], 0, id) + redis.call('ZREM', KEYS[4], id)\n"
    "if gone == 0 then return -1 end\n"
    "redis.call('ZREM', KEYS[5], id)\n"
    "redis.call('SREM', KEYS[6], id)\n"
    "if redis.call('TYPE', KEYS[7]).ok == 'hash' then\n"
    "  local once = redis.call('HGET', KEYS[7], 'deid')\n"
    "  if once and redis.call('GET', head .. 'de:' .. once) == id then redis.call('DEL', head .. 'de:' .. once) end\n"
    "end\n"
    "local limited = redis.call('HGET', head .. 'limiter:index', id)\n"
    "if limited then\n"
    "  redis.call('SREM', limited, id)\n"
    "  redis.call('HDEL', head .. 'limiter:index', id)\n"
    "end\n"
    "redis.call('DEL', KEYS[7], KEYS[7] .. ':logs')\n"
    "return 1";

/* The hash meta is what later versions look at. */
const char bull_script_pause[] = "local pause = ARGV[1] == '1'\n"
                                 "if (redis.call('EXISTS', KEYS[3]) == 1) == pause then return 0 end\n"
                                 "if redis.call('EXISTS', KEYS[2]) == 0 and redis.call('EXISTS', KEYS[1]) == 1 then\n"
                                 "  redis.call('RENAME', KEYS[1], KEYS[2])\n"
                                 "end\n"
                                 "while redis.call('RPOPLPUSH', KEYS[1], KEYS[2]) do end\n"
                                 "if pause then\n"
                                 "  redis.call('SET', KEYS[3], 1)\n"
                                 "  redis.call('HSET', KEYS[4], 'paused', 1)\n"
                                 "else\n"
                                 "  redis.call('DEL', KEYS[3])\n"
                                 "  redis.call('HDEL', KEYS[4], 'paused')\n"
                                 "end\n"
                                 "redis.call('PUBLISH', ARGV[2], pause and 'paused' or 'resumed')\n"
                                 "return 1";

const char bull_script_add[] =
    "if redis.call('EXISTS', KEYS[5]) == 1 then return 0 end\n"
    "redis.call('INCR', KEYS[4])\n"
    "redis.call('HSET', KEYS[5], 'name', ARGV[2], 'data', ARGV[3], 'opts', ARGV[4], 'timestamp', ARGV[5],\n"
    "  'delay', 0, 'priority', 0)\n"
    "redis.call('LPUSH', redis.call('EXISTS', KEYS[3]) == 1 and KEYS[2] or KEYS[1], ARGV[1])\n"
    "return 1";
