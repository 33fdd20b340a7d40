/* owner: a process that has jobs on its disk and puts them through by a link, as a gateway does: nothing is
 * acknowledged before it is written, leases go from one owner to the other, and what is written is checked first
 * (rules.c).
 */
#include "proto/base/memory.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

static void act(world_t *world, process_t *owner);

/* After every step; the actions of the last call have been carried out. */
static void go_on(world_t *world, process_t *owner)
{
    link_audit(owner->link);
    world_tick_at(world, owner, link_deadline(owner->link));
}

static bool holds(const process_t *owner, const row_t *row, uint64_t epoch)
{
    return row && !row->ended && row->holder == owner->number && row->epoch == epoch;
}

/* What came is of an epoch that is over. The job goes if somebody else has it; else it is the owner's under a later
 * one. */
static void let_go(world_t *world, process_t *owner, ident_t job)
{
    const row_t *row = world_row(world, job);
    if (row && !row->ended && row->holder == owner->number)
        return;
    link_disown(owner->link, job, world_clock(world, owner));
    act(world, owner);
}

/* ---- the disk ---- */

static void end_row(world_t *world, row_t *row)
{
    row->ended = true;
    row->results++;
    world->alive--;
    world->finished++;
}

static void write_record(row_t *row, const message_t *record)
{
    row->crashes = record->crashes > row->crashes ? record->crashes : row->crashes;
    row->losses = record->losses > row->losses ? record->losses : row->losses;
    if (record->next.size == 0) { /* counts alone */
        uint32_t stage = world_stage(record->stage);
        if (row->at < row->route_count && row->route[row->at] == stage)
            row->attempt = record->attempt;
        return;
    }
    uint32_t next = world_stage(record->next);
    for (uint8_t at = (uint8_t)(row->at + 1); at < row->route_count; at++)
        if (row->route[at] == next) { /* further than what is recorded */
            row->at = at;
            row->attempt = 0;
            row->body_size = record->body.size;
            memcpy(row->body, record->body.at, record->body.size);
        }
}

/* One transaction: what came is written if the lease is still this owner's, under this epoch. */
static void write_down(world_t *world, process_t *owner, uint32_t broker, const message_t *message)
{
    row_t *row = world_row(world, message->job);
    if (!holds(owner, row, message->epoch)) {
        let_go(world, owner, message->job);
    } else if (message->command == COMMAND_RECORD) {
        write_record(row, message);
    } else {
        rules_result(world, row, message);
        end_row(world, row);
    }
    link_settle(owner->link, broker, message, world_clock(world, owner));
    act(world, owner);
}

/* ---- what the link asks for ---- */

static void submit(world_t *world, process_t *owner, const link_action_t *want)
{
    row_t *row = world_row(world, want->job);
    if (!holds(owner, row, want->epoch)) {
        let_go(world, owner, want->job);
        return;
    }
    message_t message = {.command = COMMAND_SUBMIT, .job = row->id, .epoch = row->epoch};
    for (uint8_t i = row->at; i < row->route_count; i++)
        message.names[message.name_count++] = slice_of(world_stages[row->route[i]]);
    message.priority = row->priority;
    message.attempt = row->attempt;
    message.attempts = 8; /* flaky ones need three; a stage that nobody serves takes some */
    message.crashes = row->crashes;
    message.losses = row->losses;
    message.backoff = BACKOFF_EXPONENTIAL;
    message.backoff_ms = 50;
    message.jitter = 50;
    message.record = row->record;
    message.delay_ms = row->delay_ms;
    message.remaining_ms = row->limit_ms;
    message.budget = row->id.high & 1 ? sizeof row->body : 0;
    message.body = (slice_t){(const char *)row->body, row->body_size};
    link_submit(owner->link, &message, world_clock(world, owner));
    act(world, owner);
}

static void raise_epoch(world_t *world, process_t *owner, const link_action_t *raise)
{
    row_t *row = world_row(world, raise->job);
    if (!holds(owner, row, raise->epoch - 1)) {
        let_go(world, owner, raise->job);
        return;
    }
    row->epoch = raise->epoch;
    row->url++; /* submitted again with a fresh URL */
    row->body[0] = row->url;
    link_own(owner->link, row->id, row->epoch, world_clock(world, owner));
    act(world, owner);
}

static void cancelled(world_t *world, process_t *owner, const link_action_t *action)
{
    row_t *row = world_row(world, action->job);
    if (!holds(owner, row, action->epoch))
        return;
    if (!row->cancel)
        world_broken(world, "a job is said to be cancelled that nobody cancelled");
    end_row(world, row);
}

static void came(world_t *world, process_t *owner, const link_action_t *action)
{
    const row_t *row = world_row(world, action->job);
    if (row && row->holder == owner->number && action->epoch < row->epoch)
        world_broken(world, "the link hands on %s of an epoch that its owner has left",
                     message_command_name(action->message.command));
    if (action->kind == LINK_FINISHED && row && row->ended && row->holder == owner->number &&
        action->epoch == row->epoch)
        world_broken(world, "the link hands on the end of a job twice");
    if (!world_chance(world, 200)) {
        write_down(world, owner, action->broker, &action->message);
        return;
    }
    buf_t bytes = {0}; /* the disk takes its time */
    message_encode(&action->message, &bytes);
    world_add(world, world->now_us + (int64_t)world_below(world, 30000),
              (happening_t){.kind = HAPPENS_WRITE,
                            .from = OWNERS + action->broker,
                            .to = owner->number,
                            .life = owner->lives,
                            .bytes = bytes.bytes,
                            .size = bytes.size});
}

void owner_write(world_t *world, process_t *owner, const happening_t *happening)
{
    message_t message;
    size_t taken;
    if (message_decode(happening->bytes, happening->size, &message, &taken, NULL) < 0)
        world_broken(world, "what the owner kept cannot be decoded");
    write_down(world, owner, happening->from - OWNERS, &message);
    go_on(world, owner);
}

static void lost(world_t *world, const process_t *owner, const link_action_t *action)
{
    const row_t *row = world_row(world, action->job);
    if (holds(owner, row, action->epoch))
        world_broken(world, "a broker knows a higher epoch than the disk");
}

/* Actions are copied before they are carried out: what is called from here replaces them. Their bodies are the
 * message's that was taken, or the row's; both stay. */
static void act(world_t *world, process_t *owner)
{
    size_t count;
    const link_action_t *now = link_actions(owner->link, &count);
    if (count == 0)
        return;
    link_action_t *actions = memory_grow(NULL, count, sizeof *actions);
    memcpy(actions, now, count * sizeof *actions);
    for (size_t i = 0; i < count; i++) {
        const link_action_t *action = &actions[i];
        switch (action->kind) {
        case LINK_SEND:
            world_send(world, owner->number, OWNERS + action->broker, world->handles[owner->number][action->broker],
                       &action->message);
            break;
        case LINK_WANT:
            submit(world, owner, action);
            break;
        case LINK_RAISE:
            raise_epoch(world, owner, action);
            break;
        case LINK_RECORD:
        case LINK_FINISHED:
            came(world, owner, action);
            break;
        case LINK_CANCELLED:
            cancelled(world, owner, action);
            break;
        case LINK_LOST:
            lost(world, owner, action);
            break;
        case LINK_REFUSED:
            world_broken(world, "refused: %.*s", (int)action->message.text.size, action->message.text.at);
        case LINK_PROGRESS:
        case LINK_STATS:
            break;
        }
    }
    free(actions);
}

/* ---- its life ---- */

/* Takes the lease of a row: the next epoch, and everything on the disk goes on from there. */
static void take_lease(world_t *world, process_t *owner, row_t *row)
{
    row->holder = owner->number;
    row->held_by |= (uint8_t)(1u << owner->number);
    row->epoch++;
    link_own(owner->link, row->id, row->epoch, world_clock(world, owner));
    act(world, owner);
    if (!row->cancel)
        return;
    link_cancel(owner->link, row->id, world_clock(world, owner));
    act(world, owner);
}

void owner_start(world_t *world, process_t *owner)
{
    link_options_t options = link_defaults();
    options.instance = (ident_t){chance_next(&world->chance), chance_next(&world->chance)};
    options.seed = chance_next(&world->chance);
    options.name = "owner";
    options.window = 1 + (uint32_t)world_below(world, 16);
    owner->link = link_new(&options, world_clock(world, owner));
    for (uint32_t i = 0; i < BROKERS; i++) {
        link_broker(owner->link, world_clock(world, owner));
        act(world, owner);
    }
    for (uint32_t i = 0; i < world->row_count; i++)
        if (world->rows[i].holder == owner->number && !world->rows[i].ended)
            take_lease(world, owner, &world->rows[i]);
    go_on(world, owner);
}

void owner_stop(process_t *owner)
{
    link_destroy(&owner->link);
}

void owner_receive(world_t *world, process_t *owner, uint32_t broker, const message_t *message)
{
    link_take(owner->link, broker, message, world_clock(world, owner));
    act(world, owner);
    go_on(world, owner);
}

/* Leases are renewed from time to time: what another one has taken meanwhile is given up. */
static void renew(world_t *world, process_t *owner)
{
    if (world->now_us < owner->renew_us)
        return;
    owner->renew_us = world->now_us + 5000000;
    for (uint32_t i = 0; i < world->row_count; i++)
        if (world->rows[i].held_by >> owner->number & 1) {
            let_go(world, owner, world->rows[i].id);
            if (world->rows[i].holder != owner->number)
                world->rows[i].held_by &= (uint8_t) ~(1u << owner->number);
        }
}

void owner_tick(world_t *world, process_t *owner)
{
    renew(world, owner);
    if (world_chance(world, 10)) {
        link_ask_stats(owner->link, world->steps, world_clock(world, owner));
        act(world, owner);
    }
    link_tick(owner->link, world_clock(world, owner));
    act(world, owner);
    go_on(world, owner);
}

void owner_takes_over(world_t *world, process_t *owner, uint32_t other)
{
    for (uint32_t i = 0; i < world->row_count; i++)
        if (world->rows[i].holder == other && !world->rows[i].ended) {
            take_lease(world, owner, &world->rows[i]);
            world->taken_over++;
        }
    go_on(world, owner);
}

static void choose_route(world_t *world, row_t *row)
{
    for (uint8_t stage = 0; stage < STAGES; stage++)
        if (stage == 0 || world_chance(world, stage == STAGES - 1 ? 300 : 700))
            row->route[row->route_count++] = stage;
}

void owner_new_job(world_t *world, process_t *owner)
{
    if (world->row_count == world->row_room) {
        world->row_room = world->row_room ? 2 * world->row_room : 64;
        world->rows = memory_grow(world->rows, world->row_room, sizeof *world->rows);
    }
    uint32_t number = world->row_count++;
    row_t *row = &world->rows[number];
    *row = (row_t){.epoch = 1, .holder = owner->number, .held_by = (uint8_t)(1u << owner->number), .body_size = 1};
    row->id = ident_of((uint64_t)(world->now_us / 1000), chance_next(&world->chance), 0);
    row->id.low = (row->id.low & ~ROW_MASK) | number;
    uint64_t nature = world_below(world, 20);
    row->nature = nature < NATURE_COUNT ? (nature_t)nature : NATURE_FINE;
    row->record = world_chance(world, 600);
    row->priority = world_chance(world, 500) ? 0 : (uint32_t)world_below(world, 4);
    row->delay_ms = world_chance(world, 50) ? (uint32_t)world_below(world, 3000) : 0;
    row->limit_ms = world_chance(world, 50) ? 1 + (uint32_t)world_below(world, 3000) : 0;
    choose_route(world, row);
    world->alive++;
    link_own(owner->link, row->id, row->epoch, world_clock(world, owner));
    act(world, owner);
    go_on(world, owner);
}

void owner_cancels(world_t *world, process_t *owner)
{
    for (uint32_t i = world->row_count; i-- > 0;) {
        row_t *row = &world->rows[i];
        if (row->holder != owner->number || row->ended || row->cancel || world_chance(world, 800))
            continue;
        row->cancel = true;
        link_cancel(owner->link, row->id, world_clock(world, owner));
        act(world, owner);
        break;
    }
    go_on(world, owner);
}
