/* tasks: a line of tasks of the store, in the order of their coming. The tasks are their callers'; the line links them.
 * No lock: whoever keeps it has one.
 */
#ifndef YOGI_GATEWAY_TASKS_H
#define YOGI_GATEWAY_TASKS_H

#include "store.h"

/* {0} is empty. */
typedef struct {
    store_task_t *first, *last;
    uint32_t count;
} tasks_t;

void tasks_push(tasks_t *tasks, store_task_t *task);
void tasks_push_front(tasks_t *tasks, store_task_t *task);
store_task_t *tasks_pop(tasks_t *tasks); /* the first; there is one */

/* Moves those whose patience is over by now, or all, to the end of the list. */
void tasks_expire(tasks_t *tasks, int64_t now_us, bool all, tasks_t *list);

/* When the first patience ends, where that is before `end_us`; else that. */
int64_t tasks_first_end(const tasks_t *tasks, int64_t end_us);

/* Moves the first ones to a group that goes through together: one that is to be alone, or as many of the others as may.
 */
tasks_t tasks_group(tasks_t *tasks);

#endif
