/* tasks: see tasks.h. */
#include "tasks.h"

void tasks_push(tasks_t *tasks, store_task_t *task)
{
    task->next = NULL;
    if (tasks->last)
        tasks->last->next = task;
    else
        tasks->first = task;
    tasks->last = task;
    tasks->count++;
}

void tasks_push_front(tasks_t *tasks, store_task_t *task)
{
    task->next = tasks->first;
    tasks->first = task;
    if (!tasks->last)
        tasks->last = task;
    tasks->count++;
}

store_task_t *tasks_pop(tasks_t *tasks)
{
    store_task_t *task = tasks->first;
    tasks->first = task->next;
    if (!tasks->first)
        tasks->last = NULL;
    tasks->count--;
    task->next = NULL;
    return task;
}

void tasks_expire(tasks_t *tasks, int64_t now_us, bool all, tasks_t *list)
{
    tasks_t kept = {0};
    while (tasks->first) {
        store_task_t *task = tasks_pop(tasks);
        tasks_push(all || task->until_us <= now_us ? list : &kept, task);
    }
    *tasks = kept;
}

int64_t tasks_first_end(const tasks_t *tasks, int64_t end_us)
{
    for (const store_task_t *task = tasks->first; task; task = task->next)
        if (task->until_us < end_us)
            end_us = task->until_us;
    return end_us;
}

tasks_t tasks_group(tasks_t *tasks)
{
    tasks_t group = {0};
    bool alone = tasks->first->alone;
    tasks_push(&group, tasks_pop(tasks));
    while (!alone && tasks->first && !tasks->first->alone && group.count < STORE_TOGETHER_MOST)
        tasks_push(&group, tasks_pop(tasks));
    return group;
}
