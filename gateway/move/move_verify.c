/* move_verify: see move_verify.h and move.h. */
#include "move_verify.h"
#include "lossless.h"
#include "proto/base/clock.h"
#include "soundness.h"

#include <stdio.h>
#include <string.h>

/* What the callbacks have in hand. */
typedef struct {
    verdict_t *verdict;
    trip_t *trip;
} check_t;

static void on_difference(void *user, const columns_t *columns, const row_t *row, const char *how)
{
    check_t *check = user;
    buf_t name = {0};
    check->verdict->differing++;
    row_name(columns, row, &name);
    verdict_find(check->verdict, "%s %s: %s%s", columns->table->name, buf_string(&name), how,
                 strcmp(how, "changed") == 0 ? "" : " in the target");
    buf_free(&name);
}

static void on_bad_file(void *user, const cargo_item_t *item, const char *side, const char *why)
{
    verdict_t *verdict = ((check_t *)user)->verdict;
    verdict->files_bad++;
    verdict_find(verdict, "file of %s%s in the %s: %s", item->document ? "document " : "blob ",
                 item->document ? item->document : item->sha256, side, why);
}

/* Rows of the target that refer to what is not there: PostgreSQL lets none be, SQLite may. */
static int count_orphans(side_t *target, verdict_t *verdict, fault_t *fault)
{
    size_t count;
    const table_t *tables = catalog_tables(&count);
    char text[400];
    sql_rows_t rows;
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < tables[i].columns; c++) {
            const char *parent = tables[i].column[c].parent, *name = tables[i].column[c].name;
            if (!parent || !target->has[i][c] || !target->present[side_index(catalog_table(parent))])
                continue;
            const char *id = catalog_table(parent)->column[0].name;
            snprintf(text, sizeof text,
                     "SELECT count(*) FROM %s c WHERE c.%s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s p WHERE p.%s = "
                     "c.%s)",
                     tables[i].name, name, parent, id, name);
            if (bulk_ask(target->writer, text, NULL, 0, target->arena, &rows, fault) < 0)
                return -1;
            int64_t orphans = sql_cell_int(&rows, 0, 0);
            if (orphans)
                verdict_find(verdict, "%lld rows of %s refer to %s that are not there", (long long)orphans,
                             tables[i].name, parent);
            verdict->orphans += target->layout == LAYOUT_DEMO ? 0 : orphans; /* the demo's own were left alone */
        }
    return 0;
}

static int check_rows(trip_t *trip, check_t *check, fault_t *fault)
{
    rows_plan_t plan = trip_rows(trip);
    side_t *target = &trip->target;
    if (rows_count(&trip->source, target, &plan.total, fault) < 0 || bulk_freeze(target->reader, fault) < 0)
        return -1;
    int failed = rows_compare(&plan, on_difference, check, &check->verdict->rows, fault);
    bulk_thaw(target->reader);
    return failed;
}

static int check_sizes(trip_t *trip, verdict_t *verdict, fault_t *fault)
{
    int64_t wrong;
    if (manifest_sizes(trip->manifest, &trip->target, &wrong, fault) < 0)
        return -1;
    verdict->unsound += wrong;
    if (wrong)
        verdict_find(verdict, "the target's table of blobs tells the wrong size of %lld files", (long long)wrong);
    return 0;
}

static int check_all(trip_t *trip, int every, check_t *check, fault_t *fault)
{
    verdict_t *verdict = check->verdict;
    if (trip_freeze(trip, fault) < 0)
        return -1;
    cargo_t *cargo = manifest_cargo(trip->manifest);
    trip->progress.phase = "hashes";
    if (cargo_hash(cargo, fault) < 0 || check_rows(trip, check, fault) < 0 ||
        count_orphans(&trip->target, verdict, fault) < 0 || manifest_expect(trip->manifest, &trip->target, fault) < 0)
        return -1;
    if (check_sizes(trip, verdict, fault) < 0)
        return -1;
    trip->progress.phase = "check";
    verdict->files = (int64_t)cargo_count(cargo);
    verdict->files_missing = manifest_missing(trip->manifest);
    return cargo_check(cargo, every, on_bad_file, check, &verdict->files_checked, fault);
}

/* The source is frozen: while a copy is read of it, nobody who writes there waits. */
static int ask_databases(trip_t *trip, verdict_t *verdict, fault_t *fault)
{
    return soundness_look(&trip->source, "source", verdict, fault) < 0 ||
                   soundness_look(&trip->target, "target", verdict, fault) < 0
               ? -1
               : 0;
}

int verify_trip(trip_t *trip, const verify_plan_t *plan, verdict_t *verdict, fault_t *fault)
{
    int64_t start_us = clock_now_us();
    check_t check = {verdict, trip};
    bool demo = trip->source.layout == LAYOUT_DEMO || trip->target.layout == LAYOUT_DEMO;
    *verdict = (verdict_t){.source = trip->source.shown,
                           .target = trip->target.shown,
                           .source_files = trip->from.address,
                           .target_files = trip->to.address};
    clock_format(clock_wall_ms(), verdict->at);
    aside_destroy(&trip->aside);
    if (!(trip->aside = aside_new(NULL, fault)))
        return -1;
    int failed = check_all(trip, plan->every, &check, fault);
    if (!failed && plan->whole)
        failed = ask_databases(trip, verdict, fault);
    trip_thaw(trip);
    if (!failed)
        failed = lossless_look(trip_ours(trip), demo, &verdict->losses, fault);
    verdict->aside_rows = aside_rows(trip->aside);
    verdict->aside_values = aside_values(trip->aside);
    verdict->ms = (clock_now_us() - start_us) / 1000;
    return failed;
}

static const char *report_folder(trip_t *trip)
{
    return trip->options->report ? trip->options->report : journal_path(trip->journal, ".");
}

int verify_may_report(trip_t *trip, fault_t *fault)
{
    return verdict_may_save(report_folder(trip), fault);
}

static int judge(const verdict_t *verdict, fault_t *fault)
{
    if (verdict_good(verdict))
        return 0;
    if (!verdict->differing && !verdict->orphans && !verdict->files_bad)
        return fault_set(fault, FAULT_DAMAGED, "%lld things are wrong with a database by itself; see the report",
                         (long long)verdict->unsound);
    return fault_set(fault, FAULT_DAMAGED, "the sides differ: %lld rows, %lld files; see the report",
                     (long long)verdict->differing + (long long)verdict->orphans, (long long)verdict->files_bad);
}

/* Reports what was found, and judges it. */
static int report(trip_t *trip, verdict_t *verdict, fault_t *fault)
{
    const char *folder = report_folder(trip);
    verdict_words(verdict, trip->out);
    if (verdict_save(verdict, folder, fault) < 0)
        return -1;
    buf_format(trip->out, "the report is %s/report.html (and report.json)\n", folder);
    return judge(verdict, fault);
}

int verify_and_report(trip_t *trip, const verify_plan_t *plan, fault_t *fault)
{
    verdict_t verdict;
    int failed = verify_trip(trip, plan, &verdict, fault);
    if (!failed)
        failed = report(trip, &verdict, fault);
    verdict_free(&verdict);
    return failed;
}

int move_verify(const move_options_t *options, buf_t *out, fault_t *fault)
{
    trip_t trip;
    int failed = trip_open(&trip, options, false, true, out, fault);
    if (!failed && (trip.target_absent || trip.to.absent || trip.target.layout == LAYOUT_EMPTY))
        failed = fault_set(fault, FAULT_INPUT, "the target %s is empty; yogi migrate run fills it", trip.target.shown);
    if (!failed)
        failed = verify_may_report(&trip, fault);
    verify_plan_t plan = {.every = options->full ? 1 : options->sample, .whole = true};
    if (!failed)
        failed = verify_and_report(&trip, &plan, fault);
    trip_close(&trip);
    return failed;
}
