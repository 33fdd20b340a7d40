/* cursor_time: where a list by age goes on: the time of the last row seen, as the database writes it, and its id. It
 * comes back from a client, so it is looked at. Pure.
 */
#ifndef YOGI_GATEWAY_CURSOR_TIME_H
#define YOGI_GATEWAY_CURSOR_TIME_H

#include "proto/base/fault.h"

/* Both NULL become those before the newest row there can be. -1 with a fault (FAULT_INPUT) where they are not what a
 * list has given. */
int cursor_time_check(const char **cursor, const char **after, fault_t *fault) __attribute__((warn_unused_result));

#endif
