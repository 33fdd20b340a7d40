/* rounds: see rounds.h. */
#include "rounds.h"

#include <stdio.h>
#include <string.h>

/* TAKE, LOOK: between looks for what nobody has, and for what was called off. COMPARE: for what is ours without our
 * knowing. RENEWALS: of a lease within its time; AGAIN: after one that failed. */
enum { TAKE_US = 2000000, LOOK_US = 500000, COMPARE_US = 30000000, AGAIN_US = 300000, RENEWALS = 3 };

void rounds_begin(rounds_t *rounds, int64_t lease_ms, int64_t now_us)
{
    *rounds = (rounds_t){.lease_ms = lease_ms};
    rounds->each[ERRAND_CALLED_OFF].due_us = 1; /* as soon as there are jobs; 0 is a wish */
    rounds->each[ERRAND_MINE].due_us = now_us + COMPARE_US;
}

bool rounds_due(rounds_t *rounds, errand_kind_t kind, int64_t now_us, int64_t *next_us)
{
    int64_t due_us = rounds->each[kind].due_us;
    if (rounds->each[kind].going)
        return false;
    if (now_us < due_us) {
        *next_us = due_us < *next_us ? due_us : *next_us;
        return false;
    }
    rounds->each[kind].going = true;
    rounds->each[kind].due_us = now_us;
    return true;
}

void rounds_fill(const rounds_t *rounds, errand_t *errand)
{
    errand->lease_ms = rounds->lease_ms;
    memcpy(errand->run, rounds->compared, sizeof errand->run);
}

/* When it is due again, after now. */
static int64_t rest_us(const rounds_t *rounds, const errand_t *errand)
{
    bool failed = errand->task.fault.code != FAULT_NONE;
    switch (errand->kind) {
    case ERRAND_HOLD:
        return failed ? AGAIN_US : rounds->lease_ms * 1000 / RENEWALS;
    case ERRAND_TAKE:
        return errand->taken.count == RUNS_TAKE_MOST ? 0 : TAKE_US;
    case ERRAND_MINE:
        return *rounds->compared ? 0 : COMPARE_US;
    default:
        return LOOK_US;
    }
}

void rounds_done(rounds_t *rounds, const errand_t *errand, int64_t now_us)
{
    if (errand->kind == ERRAND_MINE) {
        size_t count = errand->taken.count;
        bool more = count == ERRAND_MINE_MOST && errand->task.fault.code == FAULT_NONE;
        snprintf(rounds->compared, sizeof rounds->compared, "%s", more ? errand->taken.rows[count - 1].run : "");
    }
    bool wished = errand->kind == ERRAND_CALLED_OFF && rounds_looks(rounds); /* meanwhile: it may have come too late */
    rounds->each[errand->kind].going = false;
    rounds->each[errand->kind].due_us = wished ? 0 : now_us + rest_us(rounds, errand);
}

void rounds_look(rounds_t *rounds)
{
    rounds->each[ERRAND_CALLED_OFF].due_us = 0;
}

bool rounds_looks(const rounds_t *rounds)
{
    return rounds->each[ERRAND_CALLED_OFF].due_us == 0;
}
