/* soundness: see soundness.h. */
#include "soundness.h"

#include <stdio.h>
#include <string.h>

/* Those are counted with the rows, by the catalogue. */
static bool is_in_catalogue(const char *table_name, const char *parent)
{
    const table_t *table = catalog_table(table_name);
    for (size_t i = 0; table && i < table->columns; i++)
        if (table->column[i].parent && strcmp(table->column[i].parent, parent) == 0)
            return true;
    return false;
}

static int check_pages(side_t *side, const char *which, verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    if (bulk_ask(side->writer, "PRAGMA integrity_check(20)", NULL, 0, side->arena, &rows, fault) < 0)
        return -1;
    for (size_t i = 0; i < rows.rows; i++) {
        const char *says = sql_cell(&rows, i, 0);
        if (says && strcmp(says, "ok") == 0)
            continue;
        verdict->unsound++;
        verdict_find(verdict, "the %s's database is damaged: %.200s", which, says ? says : "");
    }
    return 0;
}

static int check_references(side_t *side, const char *which, verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    if (side->layout != LAYOUT_YOGI) /* the demo's own were never kept */
        return 0;
    if (bulk_ask(side->writer,
                 "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY \"table\", parent", NULL, 0,
                 side->arena, &rows, fault) < 0)
        return -1;
    for (size_t i = 0; i < rows.rows; i++) {
        const char *table = sql_cell(&rows, i, 0), *parent = sql_cell(&rows, i, 1);
        if (is_in_catalogue(table, parent))
            continue;
        verdict->unsound++;
        verdict_find(verdict, "%lld rows of %s in the %s refer to %s that are not there",
                     (long long)sql_cell_int(&rows, i, 2), table, which, parent);
    }
    return 0;
}

/* What no database keeps by itself: a row is its document's tenant's, and so are the bytes. */
static const struct {
    const char *from; /* what is counted */
    const char *what; /* in words, behind the number */
} rules[] = {
    {"documents d WHERE d.sha256 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM blobs b WHERE b.tenant = d.tenant AND "
     "b.sha256 = d.sha256)",
     "documents have bytes that their tenant has not"},
    {"timetables t JOIN documents d ON d.id = t.document_id WHERE d.tenant <> t.tenant",
     "timetables are another tenant's than their documents"},
    {"processing_jobs t JOIN documents d ON d.id = t.document_id WHERE d.tenant <> t.tenant",
     "processing_jobs are another tenant's than their documents"},
    {"processing_events t JOIN documents d ON d.id = t.document_id WHERE d.tenant <> t.tenant",
     "processing_events are another tenant's than their documents"},
};

static int check_rules(side_t *side, const char *which, verdict_t *verdict, fault_t *fault)
{
    char text[320];
    sql_rows_t rows;
    for (size_t i = 0; side->layout == LAYOUT_YOGI && i < sizeof rules / sizeof *rules; i++) {
        snprintf(text, sizeof text, "SELECT count(*) FROM %s", rules[i].from);
        if (bulk_ask(side->writer, text, NULL, 0, side->arena, &rows, fault) < 0)
            return -1;
        int64_t count = sql_cell_int(&rows, 0, 0);
        verdict->unsound += count;
        if (count)
            verdict_find(verdict, "%lld %s (%s)", (long long)count, rules[i].what, which);
    }
    return 0;
}

int soundness_look(side_t *side, const char *which, verdict_t *verdict, fault_t *fault)
{
    if (check_rules(side, which, verdict, fault) < 0)
        return -1;
    if (!side->path)
        return 0;
    return check_pages(side, which, verdict, fault) < 0 || check_references(side, which, verdict, fault) < 0 ? -1 : 0;
}
