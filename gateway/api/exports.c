/* exports: a document's timetables for other programs: .ics, .csv, .html, .json by proto/form; and its calendar as a
 * feed, which a token of its own opens: whoever subscribes has no key. */
#include "api.h"

#include "gateway/store/access.h"
#include "gateway/studio/printout.h"
#include "handlers.h"
#include "proto/base/clock.h"
#include "proto/form.h"
#include "proto/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { TOKEN_BYTES = 32, DATE_BYTES = 11 };

typedef struct {
    const char *tenant, *id; /* of a document, or of a timetable */
    arena_t *arena;
    timetable_list_t list;
    timetable_row_t row; /* of id, where it is a timetable's */
    document_row_t document;
    verdict_t verdict, document_verdict, dossier_verdict;
    view_t dossier;
} query_t;

/* Everything that the export is made of. */
static int collect(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    const char *document = query->id;
    query->verdict = VERDICT_DONE;
    query->dossier_verdict = query->document_verdict = VERDICT_NOT_FOUND;
    if (timetables_of(session, query->tenant, view_of(query->id), query->arena, &query->list, fault) < 0)
        return -1;
    if (!query->list.count) {
        if (timetables_get(session, query->tenant, view_of(query->id), query->arena, &query->row, &query->verdict,
                           fault) < 0)
            return -1;
        query->list = (timetable_list_t){&query->row, query->verdict == VERDICT_DONE};
        document = query->row.document;
    }
    if (!document || query->verdict != VERDICT_DONE)
        return 0;
    if (documents_get(session, query->tenant, view_of(document), query->arena, &query->document,
                      &query->document_verdict, fault) < 0)
        return -1;
    return documents_dossier(session, query->tenant, view_of(document), query->arena, &query->dossier,
                             &query->dossier_verdict, fault);
}

static dossier_t *assemble(const query_t *query, fault_t *fault)
{
    bool read = query->dossier_verdict == VERDICT_DONE && query->dossier.at;
    dossier_t *dossier = read ? dossier_decode(query->dossier.at, query->dossier.size, fault)
                              : printout_new(query->document_verdict == VERDICT_DONE ? &query->document : NULL);
    if (dossier)
        printout_fill(dossier, query->list.rows, printout_count(&query->list));
    return dossier;
}

/* Changes whenever the export does: the rows' versions, the question, and the day where it counts. */
static const char *tag_of(call_t *call, const query_t *query, const char *format, const form_options_t *options)
{
    static const char *const names[] = {"from", "until", "tz"};
    char hex[HASH_HEX];
    hash_t hash;
    hash_begin(&hash);
    for (size_t i = 0; i < printout_count(&query->list); i++) {
        const timetable_row_t *row = &query->list.rows[i];
        const char *part = arena_format(query->arena, "%s %lld;", row->id, (long long)row->version);
        hash_add(&hash, part, strlen(part));
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = call_query(call, names[i]);
        hash_add(&hash, value ? value : "", value ? strlen(value) + 1 : 1);
    }
    if (strcmp(format, "ics") == 0 && !options->term_start)
        hash_add(&hash, options->today, strlen(options->today));
    return arena_format(query->arena, "%s-%.32s", format, hash_hex(&hash, hex));
}

/* A file name that every header takes. */
static const char *file_name(const query_t *query, const char *extension)
{
    return arena_format(query->arena, "attachment; filename=\"timetable-%.36s.%s\"",
                        query->document_verdict == VERDICT_DONE ? query->document.id : query->list.rows[0].id,
                        extension);
}

static void answer(call_t *call, const query_t *query, const form_t *form)
{
    char today[32];
    fault_t fault = {0};
    buf_t body = {0};
    clock_format(clock_wall_ms(), today)[DATE_BYTES - 1] = 0;
    form_options_t options = {.term_start = call_query(call, "from"),
                              .term_end = call_query(call, "until"),
                              .tz = call_query(call, "tz"),
                              .today = today};
    if (form_check(&options, &fault) < 0) {
        call_problem(call, 400, "bad-parameter", "%s (from and until are dates, tz is a time zone)", fault.text);
        return;
    }
    dossier_t *dossier = assemble(query, &fault);
    if (!dossier || form_write(form->name, dossier, &options, &body, &fault) < 0) {
        if (fault.code == FAULT_NOT_A_TIMETABLE)
            call_problem(call, 409, "empty-calendar", "%s", fault.text);
        else if (fault.code == FAULT_USAGE)
            call_problem(call, 400, "bad-parameter", "%s", fault.text);
        else
            api_fault(call, &fault);
    } else {
        bool page = strcmp(form->name, "html") == 0;
        call_set_tag(call, tag_of(call, query, form->name, &options));
        if (page) /* no script, and its own styles alone */
            call_set_header(call, "Content-Security-Policy",
                            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox");
        else
            call_set_header(call, "Content-Disposition", file_name(query, form->extension));
        call_answer(call, 200, form->media, &body);
    }
    dossier_destroy(&dossier);
    buf_free(&body);
}

static void export_as(call_t *call, gateway_t *gateway, const char *tenant, const char *id, const char *format)
{
    query_t query = {.tenant = tenant, .id = id, .arena = call_arena(call)};
    if (!api_store(call, gateway, STORE_READ, collect, &query))
        return;
    if (query.verdict != VERDICT_DONE)
        call_problem(call, 404, "not-found", "Timetable not found");
    else
        answer(call, &query, form_find(format));
}

static void export_mine(call_t *call, void *gateway, const char *format)
{
    export_as(call, gateway, api_caller(call)->tenant, call_value(call, "id"), format);
}

void exports_get_ics(call_t *call, void *gateway)
{
    export_mine(call, gateway, "ics");
}

void exports_get_csv(call_t *call, void *gateway)
{
    export_mine(call, gateway, "csv");
}

void exports_get_html(call_t *call, void *gateway)
{
    export_mine(call, gateway, "html");
}

void exports_get_json(call_t *call, void *gateway)
{
    export_mine(call, gateway, "json");
}

/* ---- feeds ---- */

typedef struct {
    char hash[HASH_HEX];
    const char *tenant;
    view_t document;
    arena_t *arena;
    feed_t feed;
    verdict_t verdict;
} feed_query_t;

static void hash_token(const char *token, char hex[HASH_HEX])
{
    hash_t hash;
    hash_begin(&hash);
    hash_add(&hash, token, strlen(token));
    hash_hex(&hash, hex);
}

static int add_feed(session_t *session, store_task_t *task, fault_t *fault)
{
    feed_query_t *query = task->context;
    return feeds_add(session, query->hash, query->tenant, query->document, &query->verdict, fault);
}

static int find_feed(session_t *session, store_task_t *task, fault_t *fault)
{
    feed_query_t *query = task->context;
    return feeds_find(session, query->hash, query->arena, &query->feed, &query->verdict, fault);
}

static int revoke_feeds(session_t *session, store_task_t *task, fault_t *fault)
{
    document_row_t row;
    feed_query_t *query = task->context;
    if (documents_get(session, query->tenant, query->document, query->arena, &row, &query->verdict, fault) < 0)
        return -1;
    return query->verdict == VERDICT_DONE ? feeds_revoke(session, query->tenant, query->document, fault) : 0;
}

/* The address as the caller has reached this server: calendars want a whole one. */
static const char *whole_url(call_t *call, const char *path)
{
    const char *host = call_header(call, "Host"), *scheme = call_header(call, "X-Forwarded-Proto");
    bool encrypted = scheme && strcmp(scheme, "https") == 0;
    return host ? arena_format(call_arena(call), "%s://%s%s", encrypted ? "https" : "http", host, path) : path;
}

void exports_post_feed(call_t *call, void *gateway)
{
    uint8_t random[TOKEN_BYTES];
    char token[HASH_HEX];
    feed_query_t query = {.tenant = api_caller(call)->tenant, .document = view_of(call_value(call, "id"))};
    buf_t body = {0};
    if (getrandom(random, sizeof random, 0) != sizeof random)
        abort(); /* the system gives no random bytes */
    hash_token(hash_text(random, token), query.hash);
    if (!api_store(call, gateway, STORE_WRITE, add_feed, &query))
        return;
    if (query.verdict != VERDICT_DONE) {
        api_no_document(call);
        return;
    }
    const char *path = arena_format(call_arena(call), "/api/v1/feeds/%s.ics", token);
    buf_text(&body, "{\"documentId\":");
    json_text(call_value(call, "id"), &body);
    buf_text(&body, ",\"path\":");
    json_text(path, &body);
    buf_text(&body, ",\"url\":");
    json_text(whole_url(call, path), &body);
    buf_char(&body, '}');
    call_answer(call, 201, "application/json", &body);
    buf_free(&body);
}

void exports_delete_feed(call_t *call, void *gateway)
{
    feed_query_t query = {
        .tenant = api_caller(call)->tenant, .document = view_of(call_value(call, "id")), .arena = call_arena(call)};
    buf_t body = {0};
    if (!api_store(call, gateway, STORE_WRITE, revoke_feeds, &query))
        return;
    if (query.verdict != VERDICT_DONE) {
        api_no_document(call);
        return;
    }
    buf_text(&body, "{\"message\":\"Feed addresses revoked\"}");
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}

void exports_get_feed(call_t *call, void *gateway)
{
    feed_query_t query = {.arena = call_arena(call)};
    call_hide_path(call);
    hash_token(call_value(call, "token"), query.hash);
    if (!api_store(call, gateway, STORE_READ, find_feed, &query))
        return;
    if (query.verdict == VERDICT_DONE)
        export_as(call, gateway, query.feed.tenant, query.feed.document, "ics");
    else
        call_problem(call, 404, "no-feed", "there is no calendar at this address, or it was revoked");
}
