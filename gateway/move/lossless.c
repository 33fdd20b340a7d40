/* lossless: see lossless.h. */
#include "lossless.h"

#include <stdio.h>

typedef struct {
    const char *from; /* what is counted */
    const char *what; /* in words, behind the number */
} loss_t;

/* What can be made again (words for searching, dossiers, leases) is no loss. */
static const loss_t losses[] = {
    {"timetable_versions", "earlier versions of corrected timetables"},
    {"timetables WHERE school IS NOT NULL", "schools of timetables"},
    {"timetables WHERE week IS NOT NULL", "weeks (A, B) of timetables"},
    {"documents WHERE tenant <> 'default'", "documents of tenants, which the demo does not tell apart"},
    {"documents WHERE status IN ('needs_review', 'cancelled')",
     "documents in a state that the demo does not know (needs_review, cancelled): it shows the word"},
    {"documents WHERE name IS NOT NULL OR teacher_name IS NOT NULL OR class_name IS NOT NULL",
     "names, teachers and classes that were given with uploads"},
    {"documents WHERE CAST(options AS TEXT) <> '{}'", "options that were given with uploads"},
    {"documents WHERE error IS NOT NULL", "causes of failed documents"},
    {"api_keys", "API keys"},
    {"dead_letters", "dead letters"},
    {"feed_tokens", "addresses of calendar feeds"},
    {"outbox", "documents that are being read: they would be read again from the beginning"},
};

int lossless_look(side_t *ours, bool demo, buf_t *why, fault_t *fault)
{
    char text[256];
    sql_rows_t rows;
    for (size_t i = 0; demo && i < sizeof losses / sizeof *losses; i++) {
        snprintf(text, sizeof text, "SELECT count(*) FROM %s", losses[i].from);
        if (bulk_ask(ours->writer, text, NULL, 0, ours->arena, &rows, fault) < 0)
            return -1;
        if (sql_cell_int(&rows, 0, 0))
            buf_format(why, "%lld %s\n", (long long)sql_cell_int(&rows, 0, 0), losses[i].what);
    }
    return 0;
}
