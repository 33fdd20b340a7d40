/* link_state: see link_state.h. */
#include "link_state.h"
#include "base/memory.h"

#include <string.h>

link_action_t *link_act(link_t *link, link_kind_t kind)
{
    if (link->action_count == link->action_room) {
        link->action_room = link->action_room ? 2 * link->action_room : 16;
        link->actions = memory_grow(link->actions, link->action_room, sizeof *link->actions);
    }
    link_action_t *action = &link->actions[link->action_count++];
    memset(action, 0, sizeof *action);
    action->kind = kind;
    return action;
}

message_t *link_send(link_t *link, uint32_t broker, command_t command)
{
    link_action_t *action = link_act(link, LINK_SEND);
    action->broker = broker;
    action->message.command = command;
    return &action->message;
}
