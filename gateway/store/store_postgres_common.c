/* store_postgres_common: see store_postgres_common.h. */
#include "store_postgres_common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message of libpq or the server, in one line. */
static const char *one_line(const char *said, char out[200])
{
    snprintf(out, 200, "%s", said ? said : "");
    for (char *p = out; *p; p++)
        if (*p == '\n')
            *p = p[1] ? ' ' : 0;
    return out;
}

int postgres_fault_lost(const PGconn *connection, const char *what, fault_t *fault)
{
    char said[200];
    return fault_set(fault, FAULT_UNAVAILABLE, "PostgreSQL: %s: %s", what,
                     one_line(connection ? PQerrorMessage(connection) : "not connected", said));
}

typedef struct {
    const char *prefix; /* of a SQLSTATE */
    fault_code_t code;
    bool lost, again;
    const char *advice;
} sqlstate_t;

/* Source: PostgreSQL's Appendix A. The longest prefix stands first. */
static const sqlstate_t sqlstates[] = {
    {"40", FAULT_UNAVAILABLE, false, true, ""},    /* serialization failure, deadlock */
    {"55P03", FAULT_UNAVAILABLE, false, true, ""}, /* lock not available */
    {"23", FAULT_INPUT, false, true, ""},          /* what it refers to may have gone meanwhile */
    {"22", FAULT_INPUT, false, false, ""},
    {"54", FAULT_INPUT, false, false, ""},
    {"57014", FAULT_TIMEOUT, false, false, "; YOGI_STORE_SECONDS says how long it may take"},
    {"57", FAULT_UNAVAILABLE, true, true, ""}, /* shutting down, starting */
    {"08", FAULT_UNAVAILABLE, true, true, ""},
    {"25006", FAULT_UNAVAILABLE, true, true, "; it is a replica that cannot be written"},
    {"25P03", FAULT_UNAVAILABLE, true, true, ""},
    {"53", FAULT_UNAVAILABLE, true, false, ""}, /* no room, no connections */
    {"26000", FAULT_UNAVAILABLE, true, true, "; behind a pooler set YOGI_PG_POOLER=transaction"},
    {"42P05", FAULT_UNAVAILABLE, true, true, "; behind a pooler set YOGI_PG_POOLER=transaction"},
    {"0A000", FAULT_UNAVAILABLE, true, true, ""}, /* a plan from before a migration */
};

int postgres_fault_result(const PGconn *connection, const PGresult *result, const char *what, bool *lost, bool *again,
                          fault_t *fault)
{
    static const sqlstate_t other = {"", FAULT_SYSTEM, false, false, ""};
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const sqlstate_t *row = &other;
    char said[200];
    if (!state) {
        *lost = true;
        return postgres_fault_lost(connection, what, fault);
    }
    for (size_t i = 0; i < sizeof sqlstates / sizeof *sqlstates && row == &other; i++)
        if (strncmp(sqlstates[i].prefix, state, strlen(sqlstates[i].prefix)) == 0)
            row = &sqlstates[i];
    *lost = *lost || row->lost;
    *again = row->again;
    return fault_set(fault, row->code, "PostgreSQL refuses %s: %s (%s)%s", what,
                     one_line(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), said), state, row->advice);
}

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context, (void)result;
}

int postgres_check(PGconn *connection, fault_t *fault)
{
    PQsetNoticeReceiver(connection, ignore_notice, NULL);
    if (PQserverVersion(connection) >= 130000)
        return 0;
    return fault_set(fault, FAULT_UNAVAILABLE, "PostgreSQL %d is too old; 13 or later is needed",
                     PQserverVersion(connection) / 10000);
}

void postgres_take_rows(const PGresult *result, arena_t *arena, sql_rows_t *rows)
{
    const char *written = PQcmdTuples((PGresult *)result);
    rows->rows = (size_t)PQntuples(result);
    rows->columns = (size_t)PQnfields(result);
    rows->affected = *written ? strtoll(written, NULL, 10) : 0;
    rows->cells = arena_array(arena, rows->rows * rows->columns, sizeof *rows->cells);
    for (size_t i = 0; i < rows->rows * rows->columns; i++) {
        int row = (int)(i / rows->columns), column = (int)(i % rows->columns);
        if (PQgetisnull(result, row, column))
            continue;
        size_t size = (size_t)PQgetlength(result, row, column);
        rows->cells[i] = (sql_cell_t){arena_text_n(arena, PQgetvalue(result, row, column), size), size};
    }
}
