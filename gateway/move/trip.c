/* trip: see trip.h. Opening, looking, closing. */
#include "trip.h"
#include "gateway/store/store_open.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An address without a password may stand in the journal. */
static bool is_plain(const char *address)
{
    const char *host = strstr(address, "://"), *at = host ? strchr(host, '@') : NULL;
    const char *colon = at ? strchr(host + 3, ':') : NULL;
    return !(colon && colon < at) && !strstr(address, "password=");
}

/* What was typed, else what the journal has from before; written there. */
static const char *recall(journal_t *journal, const char *name, const char *typed, bool looking)
{
    if (!typed)
        return journal_get(journal, name);
    if (!looking)
        journal_set(journal, name, is_plain(typed) ? typed : NULL);
    return typed;
}

/* The folder of the journal. */
static const char *work_folder(const move_options_t *options, arena_t *arena, fault_t *fault)
{
    if (options->work)
        return options->work;
    const char *data = store_open_folder(options->settings, arena, fault);
    return data ? arena_format(arena, "%s/move", data) : NULL;
}

static int open_journal(trip_t *trip, fault_t *fault)
{
    arena_t *arena = arena_new();
    const char *folder = work_folder(trip->options, arena, fault);
    trip->journal = folder ? journal_open(folder, false, fault) : NULL;
    arena_destroy(&arena);
    return trip->journal ? 0 : -1;
}

static int open_side(trip_t *trip, side_t *side, const char *what, const char *address, bool may_create, fault_t *fault)
{
    side_plan_t plan = {.address = address,
                        .what = what,
                        .settings = trip->options->settings,
                        .work = journal_path(trip->journal, "."),
                        .drop = trip->drop,
                        .may_create = may_create};
    return side_open(side, &plan, fault);
}

/* A file that is not there is not made before everything was looked at. */
static int open_target(trip_t *trip, fault_t *fault)
{
    const char *address = trip->to_address;
    side_t *target = &trip->target;
    trip->target_absent = address && strncmp(address, "sqlite:", 7) == 0 && access(address + 7, F_OK) < 0;
    if (!trip->target_absent)
        return open_side(trip, target, "target", address, false, fault);
    *target = (side_t){.address = address, .shown = address, .arena = arena_new(), .path = address + 7};
    const char *slash = strrchr(target->path, '/');
    const char *folder = !slash ? "."
                         : slash == target->path
                             ? "/"
                             : arena_text_n(target->arena, target->path, (size_t)(slash - target->path));
    return access(folder, W_OK | X_OK) == 0
               ? 0
               : fault_set(fault, FAULT_SETTING, "the target %s cannot be made: %s", target->path, strerror(errno));
}

/* Whether the demo's folder is meant by a target's: only what went from the demo goes back to its layout. */
static bool is_demo_target(const trip_t *trip)
{
    const char *was = trip->back ? trip_mark((side_t *)&trip->source, "layout") : NULL;
    return trip->target.layout == LAYOUT_DEMO ||
           (trip->target.layout == LAYOUT_EMPTY && was && strcmp(was, "demo") == 0);
}

/* Bytes a second of one transfer. */
static int64_t most_of_one(const move_options_t *options)
{
    return options->most_bytes_s ? options->most_bytes_s / options->jobs + 1 : 0;
}

static int open_source_depot(trip_t *trip, const char *address, fault_t *fault)
{
    depot_plan_t plan = {.address = address,
                         .what = "files of the source",
                         .settings = trip->options->settings,
                         .demo = trip->source.layout == LAYOUT_DEMO,
                         .most_bytes_s = most_of_one(trip->options)};
    return depot_open(&trip->from, &plan, fault);
}

static int open_target_depot(trip_t *trip, bool may_create, fault_t *fault)
{
    depot_plan_t plan = {.address = trip->to_blobs_address,
                         .what = "files of the target",
                         .settings = trip->options->settings,
                         .demo = is_demo_target(trip),
                         .target = true,
                         .may_create = may_create,
                         .most_bytes_s = most_of_one(trip->options)};
    return depot_open(&trip->to, &plan, fault);
}

int trip_make_target(trip_t *trip, fault_t *fault)
{
    if (trip->target_absent) {
        side_close(&trip->target);
        trip->target_absent = false;
        if (open_side(trip, &trip->target, "target", trip->to_address, true, fault) < 0)
            return -1;
    }
    if (!trip->to.absent)
        return 0;
    depot_close(&trip->to);
    return open_target_depot(trip, true, fault);
}

static int open_books(trip_t *trip, fault_t *fault)
{
    const char *from = trip->back ? "hashes-new" : "hashes-old", *to = trip->back ? "hashes-old" : "hashes-new";
    trip->from_book = hashbook_new(journal_path(trip->journal, from), fault);
    trip->to_book = trip->from_book ? hashbook_new(journal_path(trip->journal, to), fault) : NULL;
    return trip->to_book ? 0 : -1;
}

int trip_open(trip_t *trip, const move_options_t *options, bool back, bool looking, buf_t *out, fault_t *fault)
{
    *trip = (trip_t){
        .options = options, .out = out, .back = back, .looking = looking, .from = {.folder = -1}, .to = {.folder = -1}};
    if (open_journal(trip, fault) < 0)
        return -1;
    journal_t *journal = trip->journal;
    const char *from = recall(journal, "from", options->from, looking);
    const char *from_blobs = recall(journal, "from-blobs", options->from_blobs, looking);
    const char *to = recall(journal, "to", options->to, looking);
    const char *to_blobs = recall(journal, "to-blobs", options->to_blobs, looking);
    trip->drop = recall(journal, "drop", options->drop, looking);
    if (!from)
        return fault_set(fault, FAULT_USAGE, "where from? Name the store in --from, as sqlite:FILE or postgres:URL");
    trip->to_address = back ? from : to;
    trip->to_blobs_address = back ? from_blobs : to_blobs;
    if (open_side(trip, &trip->source, "source", back ? to : from, false, fault) < 0)
        return -1;
    if (trip->source.layout == LAYOUT_EMPTY)
        return fault_set(fault, FAULT_INPUT, "%s is empty: there is nothing to move", trip->source.shown);
    if (open_source_depot(trip, back ? to_blobs : from_blobs, fault) < 0 || open_target(trip, fault) < 0)
        return -1;
    if (!trip->target_absent && strcmp(trip->source.identity, trip->target.identity) == 0)
        return fault_set(fault, FAULT_USAGE, "source and target are the same store");
    return open_target_depot(trip, false, fault) < 0 || open_books(trip, fault) < 0 ? -1 : 0;
}

void trip_close(trip_t *trip)
{
    trip_thaw(trip);
    manifest_destroy(&trip->manifest);
    aside_destroy(&trip->aside);
    hashbook_destroy(&trip->from_book);
    hashbook_destroy(&trip->to_book);
    depot_close(&trip->from);
    depot_close(&trip->to);
    side_close(&trip->source);
    side_close(&trip->target);
    journal_close(&trip->journal);
}

/* ---- the table moves ---- */

const char *trip_mark(side_t *ours, const char *name)
{
    sql_rows_t rows;
    fault_t unused;
    sql_value_t value = sql_text(name);
    if (!ours->marked ||
        bulk_ask(ours->writer, "SELECT value FROM moves WHERE name = $1", &value, 1, ours->arena, &rows, &unused) < 0 ||
        !rows.rows)
        return NULL;
    return sql_cell(&rows, 0, 0);
}

/* One statement in a transaction of its own. */
static int write_marks(side_t *ours, const char *statement, const sql_value_t *values, size_t count, fault_t *fault)
{
    const char *begin = ours->path ? "BEGIN IMMEDIATE" : "BEGIN; SET LOCAL synchronous_commit = on";
    fault_t unused;
    if (bulk_script(ours->writer, begin, fault) == 0 &&
        bulk_ask(ours->writer, statement, values, count, NULL, NULL, fault) == 0 &&
        bulk_script(ours->writer, "COMMIT", fault) == 0)
        return 0;
    (void)bulk_script(ours->writer, "ROLLBACK", &unused);
    return -1;
}

int trip_set_mark(side_t *ours, const char *name, const char *value, fault_t *fault)
{
    sql_value_t values[] = {sql_text(name), sql_text(value)};
    return write_marks(ours,
                       "INSERT INTO moves (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
                       values, 2, fault);
}

int trip_forget_jobs(side_t *ours, fault_t *fault)
{
    sql_value_t like = sql_text(MARKS_OF_JOBS "%");
    return write_marks(ours, "DELETE FROM moves WHERE name LIKE $1", &like, 1, fault);
}

side_t *trip_ours(trip_t *trip)
{
    return trip->back ? &trip->source : &trip->target;
}

/* ---- whose the target is ---- */

/* A gateway at work on the target would take documents there that the next round takes for deleted ones. Leases that
 * were carried from the source are not its. */
static int check_idle(trip_t *trip, fault_t *fault)
{
    side_t *target = &trip->target;
    sql_rows_t rows, same;
    const char *look = target->path ? "SELECT id FROM owners WHERE lease_until > strftime('%Y-%m-%d %H:%M:%f', 'now')"
                                    : "SELECT id FROM owners WHERE lease_until > now()";
    size_t owners = side_index(catalog_table("owners"));
    bool carried = trip->source.present[owners];
    if (!target->present[owners])
        return 0;
    if (bulk_ask(target->writer, look, NULL, 0, target->arena, &rows, fault) < 0)
        return -1;
    for (size_t i = 0; i < rows.rows; i++) {
        sql_value_t id = sql_view(sql_cell_view(&rows, i, 0));
        same = (sql_rows_t){0};
        if (carried && bulk_ask(trip->source.writer, "SELECT 1 FROM owners WHERE id = $1", &id, 1, target->arena, &same,
                                fault) < 0)
            return -1;
        if (!same.rows)
            return fault_set(fault, FAULT_UNAVAILABLE,
                             "a gateway is at work on the target %s; end it until the cutover (its lease runs out in "
                             "seconds)",
                             target->shown);
    }
    return 0;
}

/* Going back: to where it came from, or to somewhere empty. */
static int check_way_back(trip_t *trip, fault_t *fault)
{
    const char *source = trip_mark(&trip->source, "source"), *anew = trip_mark(&trip->source, "back-to");
    if (!source)
        return fault_set(fault, FAULT_INPUT, "%s has not been moved here by yogi migrate; there is no way back",
                         trip->source.shown);
    if (trip->target.layout == LAYOUT_EMPTY || (anew && strcmp(anew, trip->target.identity) == 0))
        return 0;
    if (strcmp(source, trip->target.identity) != 0)
        return fault_set(fault, FAULT_INPUT, "%s belongs to another installation than the one that was moved (%s)",
                         trip->target.shown, source);
    return 0;
}

int trip_check_target(trip_t *trip, fault_t *fault)
{
    side_t *target = &trip->target;
    bool any = false;
    if (trip->back)
        return check_way_back(trip, fault);
    if (target->layout == LAYOUT_EMPTY)
        return 0;
    if (target->layout == LAYOUT_DEMO)
        return fault_set(fault, FAULT_INPUT,
                         "the target %s holds an installation of the demo or of the first schema; name an empty one",
                         target->shown);
    const char *source = trip_mark(target, "source"), *state = trip_mark(target, "state");
    if (source && strcmp(source, trip->source.identity) != 0)
        return fault_set(fault, FAULT_INPUT, "the target %s belongs to another installation: it was moved from %s",
                         target->shown, source);
    if (source && state && strcmp(state, STATE_CUT_OVER) == 0)
        return fault_set(fault, FAULT_INPUT,
                         "the target %s is in use since its cutover: what was written there since would be lost; "
                         "yogi migrate rollback goes back first",
                         target->shown);
    if (check_idle(trip, fault) < 0 || (!source && side_has_rows(target, catalog_table("documents"), &any, fault) < 0))
        return -1;
    return any ? fault_set(fault, FAULT_INPUT, "the target %s is not empty: it has documents of its own", target->shown)
               : 0;
}
