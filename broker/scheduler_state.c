/* scheduler_state: see scheduler_state.h. */
#include "scheduler_state.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <string.h>

message_t *scheduler_send(scheduler_t *s, uint64_t peer, command_t command)
{
    if (s->action_count == s->action_room) {
        s->action_room = s->action_room ? 2 * s->action_room : 16;
        s->actions = memory_grow(s->actions, s->action_room, sizeof *s->actions);
    }
    action_t *action = &s->actions[s->action_count++];
    memset(action, 0, sizeof *action);
    action->peer = peer;
    action->message.command = command;
    return &action->message;
}

int scheduler_stage(const scheduler_t *s, slice_t name)
{
    for (uint32_t i = 0; i < s->options.stage_count; i++)
        if (slice_equal(name, s->stages[i].label))
            return (int)i;
    return -1;
}

owner_t *scheduler_owner(const scheduler_t *s, uint32_t number)
{
    assert(number < s->owner_room && s->owners[number]);
    return s->owners[number];
}

actor_t *scheduler_actor(const scheduler_t *s, uint32_t server)
{
    uint32_t number = server / MESSAGE_NAMES_MOST;
    assert(number < s->actor_room && s->actors[number]);
    return s->actors[number];
}

server_t *scheduler_server(const scheduler_t *s, uint32_t server)
{
    return &scheduler_actor(s, server)->servers[server % MESSAGE_NAMES_MOST];
}
