/* choices: see choices.h. */
#include "choices.h"

static const int64_t MINUTE_MS = 60 * 1000;

/* Whether one more may be kept. A few at the same time may come out above the limit, by as many. */
static int count(session_t *session, const char *tenant, const char *of, bool *fits, fault_t *fault)
{
    sql_rows_t rows;
    arena_t *arena = arena_new();
    int failed = session_query(session, STATEMENT_CHOICE_COUNT,
                               SQL(sql_text(tenant), sql_text(of), sql_int(CHOICES_TENANT_MOST)), arena, &rows, fault);
    if (!failed)
        *fits = sql_cell_int(&rows, 0, 0) < CHOICES_TENANT_MOST;
    arena_destroy(&arena);
    return failed;
}

int choices_put(session_t *session, const char *tenant, const char *of, const choice_t *choice, verdict_t *verdict,
                fault_t *fault)
{
    bool fits = false;
    if (count(session, tenant, of, &fits, fault) < 0)
        return -1;
    *verdict = fits ? VERDICT_DONE : VERDICT_ILLEGAL;
    if (!fits)
        return 0;
    return session_later(session, STATEMENT_CHOICE_PUT,
                         SQL(sql_text(tenant), sql_text(of), sql_text(choice->provider), sql_text(choice->model),
                             sql_text(choice->secret), sql_int(choice->minutes), sql_int(choice->minutes * MINUTE_MS)),
                         fault);
}

int choices_get(session_t *session, const char *tenant, const char *of, arena_t *arena, choice_t *choice,
                verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    *choice = (choice_t){0};
    if (session_query(session, STATEMENT_CHOICE_GET, SQL(sql_text(tenant), sql_text(of)), arena, &rows, fault) < 0)
        return -1;
    *verdict = rows.rows ? VERDICT_DONE : VERDICT_NOT_FOUND;
    if (rows.rows)
        *choice = (choice_t){.provider = sql_cell(&rows, 0, 0),
                             .model = sql_cell(&rows, 0, 1),
                             .secret = sql_cell(&rows, 0, 2),
                             .minutes = sql_cell_int(&rows, 0, 3),
                             .expires_ms = sql_cell_int(&rows, 0, 4)};
    return 0;
}

int choices_extend(session_t *session, const char *tenant, const char *of, int64_t wanted, int64_t *minutes,
                   verdict_t *verdict, fault_t *fault)
{
    choice_t choice;
    arena_t *arena = arena_new();
    int failed = choices_get(session, tenant, of, arena, &choice, verdict, fault);
    *minutes = wanted ? wanted : choice.minutes;
    if (!failed && *verdict == VERDICT_DONE)
        failed = session_later(session, STATEMENT_CHOICE_EXTEND,
                               SQL(sql_text(tenant), sql_text(of), sql_int(*minutes * MINUTE_MS)), fault);
    arena_destroy(&arena);
    return failed;
}

int choices_drop(session_t *session, const char *tenant, const char *of, fault_t *fault)
{
    return session_later(session, STATEMENT_CHOICE_DROP, SQL(sql_text(tenant), sql_text(of)), fault);
}

int choices_sweep(session_t *session, int64_t *forgotten, fault_t *fault)
{
    *forgotten = session_write(session, STATEMENT_CHOICE_SWEEP, NULL, fault);
    return *forgotten < 0 ? -1 : 0;
}
