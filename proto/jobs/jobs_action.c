/* jobs_action: see jobs_action.h. */
#include "jobs_action.h"
#include "proto/base/memory.h"

#include <stdlib.h>
#include <string.h>

jobs_action_t *jobs_list_add(jobs_list_t *list, jobs_kind_t kind, uint32_t broker)
{
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 16;
        list->at = memory_grow(list->at, list->room, sizeof *list->at);
    }
    jobs_action_t *action = &list->at[list->count++];
    memset(action, 0, sizeof *action);
    action->kind = kind;
    action->broker = broker;
    return action;
}

message_t *jobs_list_send(jobs_list_t *list, uint32_t broker, command_t command)
{
    jobs_action_t *action = jobs_list_add(list, JOBS_SEND, broker);
    action->message.command = command;
    return &action->message;
}

void jobs_list_free(jobs_list_t *list)
{
    free(list->at);
    *list = (jobs_list_t){0};
}
