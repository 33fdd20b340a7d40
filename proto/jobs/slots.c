/* slots: see slots.h. */
#include "slots.h"

static uint32_t brokers_up(const slots_t *slots)
{
    uint32_t up = 0;
    for (uint32_t i = 0; i < slots->brokers; i++)
        up += slots->parts[i].up;
    return up;
}

static duty_share_t *share_of(duties_t *duties, uint32_t broker, uint32_t stage)
{
    return &duties->accounts[broker].stages[stage];
}

/* What is used is counted from now on. */
static void count_anew(const slots_t *slots, duties_t *duties, uint32_t stage)
{
    for (uint32_t i = 0; i < slots->brokers; i++)
        share_of(duties, i, stage)->peak = share_of(duties, i, stage)->held;
}

/* Gives what is left of the total to those marked, evenly, the first ones one more. */
static void give_out(slots_t *slots, uint32_t stage, const bool *to, uint32_t count, uint32_t left)
{
    for (uint32_t i = 0, n = 0; i < slots->brokers; i++)
        if (to[i]) {
            slots->parts[i].allotted[stage] += left / count + (n < left % count);
            n++;
        }
}

/* ---- anew ---- */

static void divide_stage(slots_t *slots, duties_t *duties, uint32_t stage, uint32_t up)
{
    uint32_t total = slots->totals[stage];
    bool to[DUTIES_BROKERS_MOST] = {false};
    for (uint32_t i = 0; i < slots->brokers; i++) {
        to[i] = slots->parts[i].up;
        slots->parts[i].allotted[stage] = to[i] && total > 0 && total < up;
    }
    if (up > 0 && total >= up)
        give_out(slots, stage, to, up, total);
    count_anew(slots, duties, stage);
}

static void divide(slots_t *slots, duties_t *duties)
{
    uint32_t up = brokers_up(slots);
    for (uint32_t i = 0; i < slots->stages; i++)
        divide_stage(slots, duties, i, up);
}

void slots_heard(slots_t *slots, duties_t *duties, uint32_t broker, bool up)
{
    slots->parts[broker].up = up;
    divide(slots, duties);
}

void slots_end(slots_t *slots, duties_t *duties)
{
    slots->ended = true;
    for (uint32_t i = 0; i < slots->stages; i++)
        slots->totals[i] = 0;
    divide(slots, duties);
}

/* ---- by use ---- */

/* Whether a broker has filled all that it has. */
static bool is_hungry(const slots_t *slots, duties_t *duties, uint32_t broker, uint32_t stage)
{
    const slots_part_t *part = &slots->parts[broker];
    return part->up && share_of(duties, broker, stage)->peak >= part->allotted[stage];
}

/* When everybody wants more than there is, one slot moves from who has most to who has least. */
static void even_out(slots_t *slots, duties_t *duties, uint32_t stage)
{
    uint32_t *most = NULL, *least = NULL;
    for (uint32_t i = 0; i < slots->brokers; i++) {
        uint32_t *allotted = &slots->parts[i].allotted[stage];
        if (!is_hungry(slots, duties, i, stage))
            continue;
        most = !most || *allotted > *most ? allotted : most;
        least = !least || *allotted < *least ? allotted : least;
    }
    if (most && *most > *least + 1) {
        --*most;
        ++*least;
    }
}

/* Who did not fill its part keeps what it used and one more. */
static void shrink(slots_t *slots, duties_t *duties, uint32_t stage, const bool *hungry)
{
    for (uint32_t i = 0; i < slots->brokers; i++) {
        uint32_t *allotted = &slots->parts[i].allotted[stage], used = share_of(duties, i, stage)->peak + 1;
        if (slots->parts[i].up && !hungry[i] && *allotted > used)
            *allotted = used;
    }
}

/* Who is hungry, or all that are heard where nobody is. Returns how many. */
static uint32_t mark(const slots_t *slots, duties_t *duties, uint32_t stage, bool to[DUTIES_BROKERS_MOST])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < slots->brokers; i++)
        count += to[i] = is_hungry(slots, duties, i, stage);
    for (uint32_t i = 0; i < slots->brokers && count == 0; i++)
        to[i] = slots->parts[i].up;
    return count ? count : brokers_up(slots);
}

/* One less for whoever has most. Whether anybody has more than one. */
static bool take_one(slots_t *slots, uint32_t stage)
{
    uint32_t *most = &slots->parts[0].allotted[stage];
    for (uint32_t i = 1; i < slots->brokers; i++)
        if (slots->parts[i].allotted[stage] > *most)
            most = &slots->parts[i].allotted[stage];
    if (*most <= 1)
        return false;
    --*most;
    return true;
}

void slots_resize(slots_t *slots, duties_t *duties, uint32_t stage, uint32_t total)
{
    if (slots->ended)
        return;
    bool to[DUTIES_BROKERS_MOST] = {false};
    uint32_t before = slots->totals[stage], count = mark(slots, duties, stage, to);
    slots->totals[stage] = total;
    if (total > before && count > 0)
        give_out(slots, stage, to, count, total - before);
    for (uint32_t left = before; left > total && take_one(slots, stage); left--)
        ;
}

static void rebalance_stage(slots_t *slots, duties_t *duties, uint32_t stage)
{
    uint32_t count = 0, allotted = 0, total = slots->totals[stage];
    bool hungry[DUTIES_BROKERS_MOST] = {false};
    for (uint32_t i = 0; i < slots->brokers; i++) {
        hungry[i] = is_hungry(slots, duties, i, stage);
        count += hungry[i];
    }
    if (count > 0)
        shrink(slots, duties, stage, hungry);
    for (uint32_t i = 0; i < slots->brokers; i++)
        allotted += slots->parts[i].allotted[stage];
    if (count > 0 && allotted < total)
        give_out(slots, stage, hungry, count, total - allotted);
    else
        even_out(slots, duties, stage);
    count_anew(slots, duties, stage);
}

void slots_rebalance(slots_t *slots, duties_t *duties)
{
    if (brokers_up(slots) >= 2)
        for (uint32_t i = 0; i < slots->stages; i++)
            rebalance_stage(slots, duties, i);
}

/* ---- told ---- */

void slots_tell(slots_t *slots, uint32_t broker, bool all, jobs_list_t *out)
{
    slots_part_t *part = &slots->parts[broker];
    for (uint32_t i = 0; part->up && i < slots->stages; i++) {
        if (!all && part->told[i] == part->allotted[i])
            continue;
        part->told[i] = part->allotted[i];
        message_t *credit = jobs_list_send(out, broker, COMMAND_CREDIT);
        credit->number = ++slots->credit;
        credit->stage = slice_of(slots->names[i]);
        credit->slots = part->allotted[i] < MESSAGE_SLOTS_MOST ? part->allotted[i] : MESSAGE_SLOTS_MOST;
    }
}

void slots_tell_changes(slots_t *slots, jobs_list_t *out)
{
    for (uint32_t i = 0; i < slots->brokers; i++)
        slots_tell(slots, i, false, out);
}
