/* errand: see errand.h. */
#include "errand.h"
#include "proto/base/memory.h"
#include "proto/dossier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is asked of brokers differs by the number of the job. */
enum { ATTEMPTS = 8, BACKOFF_MS = 50, BUDGET = 1 << 20, FIELDS_MOST = 11, DELAY_MS = 60 };

static void nonsense(const char *line)
{
    fprintf(stderr, "keeper: the journal has a line that makes no sense: %.200s\n", line);
    exit(1);
}

/* ---- kinds ---- */

static void cut_up(errand_kind_t *kind)
{
    char *colon = strchr(kind->text, ':');
    if (!colon)
        nonsense(kind->text);
    *colon = 0;
    kind->wish = colon + 1;
    char *rest = NULL;
    for (char *name = strtok_r(kind->text, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        if (kind->route_count == MESSAGE_NAMES_MOST)
            nonsense(kind->wish);
        kind->route[kind->route_count++] = name;
    }
}

static bool is_kind(const errand_kind_t *kind, const char *text)
{
    for (uint32_t i = 0; i < kind->route_count; i++) {
        size_t size = strlen(kind->route[i]);
        if (strncmp(text, kind->route[i], size) != 0 || text[size] != (i + 1 < kind->route_count ? ',' : ':'))
            return false;
        text += size + 1;
    }
    return strcmp(text, kind->wish) == 0;
}

static uint32_t kind_of(errands_t *errands, const char *text)
{
    for (uint32_t i = 0; i < errands->kind_count; i++)
        if (is_kind(&errands->kinds[i], text))
            return i;
    errands->kinds = memory_grow(errands->kinds, errands->kind_count + 1, sizeof *errands->kinds);
    errand_kind_t *kind = &errands->kinds[errands->kind_count];
    *kind = (errand_kind_t){.text = strdup(text)};
    cut_up(kind);
    return errands->kind_count++;
}

/* ---- hex ---- */

static void write_hex(buf_t *out, slice_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    if (bytes.size == 0)
        buf_char(out, '-');
    for (uint32_t i = 0; i < bytes.size; i++) {
        buf_char(out, digits[(uint8_t)bytes.at[i] >> 4]);
        buf_char(out, digits[(uint8_t)bytes.at[i] & 15]);
    }
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void read_hex(const char *text, buf_t *out)
{
    buf_clear(out);
    for (; text[0] && text[1]; text += 2)
        buf_char(out, (char)(digit(text[0]) << 4 | digit(text[1])));
}

/* ---- lines in ---- */

errand_t *errands_find(const errands_t *errands, ident_t id)
{
    uint32_t number;
    return directory_get(&errands->numbers, id, &number) ? &errands->list[number] : NULL;
}

static void take_accept(errands_t *errands, ident_t id, char *rest)
{
    char *kind = NULL;
    uint32_t number = (uint32_t)strtoul(rest, &kind, 10);
    if (*kind != ' ' || number != errands->count || errands_find(errands, id))
        nonsense(rest);
    if (errands->count == errands->room) {
        errands->room = errands->room ? 2 * errands->room : 256;
        errands->list = memory_grow(errands->list, errands->room, sizeof *errands->list);
    }
    errands->list[number] = (errand_t){.id = id, .epoch = 1, .number = number, .kind = kind_of(errands, kind + 1)};
    directory_put(&errands->numbers, id, number);
    errands->count++;
}

/* A stage that was recorded counts when it is further than what was recorded before. */
static void take_record(errands_t *errands, errand_t *errand, char **fields)
{
    const errand_kind_t *kind = &errands->kinds[errand->kind];
    uint32_t attempt = (uint32_t)strtoul(fields[3], NULL, 10), crashes = (uint32_t)strtoul(fields[4], NULL, 10),
             losses = (uint32_t)strtoul(fields[5], NULL, 10);
    errand->crashes = crashes > errand->crashes ? crashes : errand->crashes;
    errand->losses = losses > errand->losses ? losses : errand->losses;
    if (strcmp(fields[2], "-") == 0) {
        if (strcmp(fields[1], kind->route[errand->at]) == 0)
            errand->attempt = attempt;
        return;
    }
    for (uint32_t at = errand->at + 1; at < kind->route_count; at++)
        if (strcmp(fields[2], kind->route[at]) == 0) {
            errand->at = at;
            errand->attempt = 0;
            read_hex(fields[6], &errand->body);
        }
}

static void take_finish(errands_t *errands, errand_t *errand)
{
    errands->ended += !errand->ended;
    errand->ended = true;
    buf_free(&errand->body);
}

void errands_take(errands_t *errands, char *line)
{
    char *fields[FIELDS_MOST] = {line};
    ident_t id;
    uint32_t count = 1;
    char *space = strchr(line, ' '), *rest = space ? strchr(space + 1, ' ') : NULL;
    if (!space)
        nonsense(line);
    *space = 0;
    if (rest)
        *rest++ = 0;
    if (!ident_parse(space + 1, &id))
        nonsense(space + 1);
    if (strcmp(line, "accept") == 0 && rest) {
        take_accept(errands, id, rest);
        return;
    }
    errand_t *errand = errands_find(errands, id);
    char *more = NULL;
    fields[0] = rest ? strtok_r(rest, " ", &more) : NULL;
    while (fields[count - 1] && count < FIELDS_MOST)
        fields[count++] = strtok_r(NULL, " ", &more);
    count -= !fields[count - 1];
    if (errand && strcmp(line, "epoch") == 0 && count == 1)
        errand->epoch = strtoull(fields[0], NULL, 10);
    else if (errand && strcmp(line, "cancel") == 0 && count == 0)
        errand->cancel = true;
    else if (errand && strcmp(line, "record") == 0 && count == 7)
        take_record(errands, errand, fields);
    else if (errand && strcmp(line, "finish") == 0 && count == 8)
        take_finish(errands, errand);
    else
        nonsense(line);
}

void errands_free(errands_t *errands)
{
    for (uint32_t i = 0; i < errands->count; i++)
        buf_free(&errands->list[i].body);
    for (uint32_t i = 0; i < errands->kind_count; i++)
        free(errands->kinds[i].text);
    directory_free(&errands->numbers);
    free(errands->list);
    free(errands->kinds);
    *errands = (errands_t){0};
}

/* ---- lines out ---- */

static void begin(buf_t *out, const char *what, ident_t id)
{
    char text[IDENT_TEXT];
    buf_format(out, "%s %s", what, ident_format(id, text));
}

static void add_name(buf_t *out, slice_t name)
{
    buf_char(out, ' ');
    if (name.size == 0)
        buf_char(out, '-');
    buf_add(out, name.at, name.size);
}

void errand_write_accept(buf_t *out, ident_t id, uint32_t number, const char *kind)
{
    begin(out, "accept", id);
    buf_format(out, " %" PRIu32 " %s\n", number, kind);
}

void errand_write_epoch(buf_t *out, ident_t id, uint64_t epoch)
{
    begin(out, "epoch", id);
    buf_format(out, " %" PRIu64 "\n", epoch);
}

void errand_write_cancel(buf_t *out, ident_t id)
{
    begin(out, "cancel", id);
    buf_char(out, '\n');
}

void errand_write_record(buf_t *out, const message_t *record)
{
    begin(out, "record", record->job);
    buf_format(out, " %" PRIu64, record->epoch);
    add_name(out, record->stage);
    add_name(out, record->next);
    buf_format(out, " %" PRIu32 " %" PRIu32 " %" PRIu32 " ", record->attempt, record->crashes, record->losses);
    write_hex(out, record->body);
    buf_char(out, '\n');
}

/* What the dossier says of itself. */
static void write_witness(buf_t *out, slice_t body)
{
    fault_t fault;
    dossier_t *dossier = body.size ? dossier_decode(body.at, body.size, &fault) : NULL;
    size_t blocks = 0;
    add_name(out, slice_of(dossier && dossier->document.filename ? dossier->document.filename : NULL));
    buf_char(out, ' ');
    if (!dossier || dossier->trail.count == 0)
        buf_char(out, '-');
    for (size_t i = 0; dossier && i < dossier->trail.count; i++)
        buf_format(out, "%s%s", i ? "," : "", LIST_AT(trail_t, dossier->trail, i)->stage);
    for (size_t i = 0; dossier && i < dossier->timetables.count; i++)
        blocks += LIST_AT(timetable_t, dossier->timetables, i)->timeblocks.count;
    buf_format(out, " %zu\n", blocks);
    dossier_destroy(&dossier);
}

void errand_write_finish(buf_t *out, const message_t *finished)
{
    static const char *const outcomes[] = {
        [OUTCOME_COMPLETED] = "completed", [OUTCOME_FAILED] = "failed", [OUTCOME_CANCELLED] = "cancelled"};
    begin(out, "finish", finished->job);
    buf_format(out, " %" PRIu64 " %s", finished->epoch, outcomes[finished->outcome]);
    add_name(out, finished->fault);
    buf_format(out, " %" PRIu32 " %" PRIu32, finished->crashes, finished->losses);
    write_witness(out, finished->body);
}

/* ---- SUBMIT ---- */

static void make_dossier(const errand_t *errand, const char *wish, buf_t *out)
{
    char id[IDENT_TEXT];
    dossier_t *dossier = dossier_new();
    dossier->document.filename = ident_format(errand->id, id);
    dossier->document.id = id;
    if (strncmp(wish, "file:", 5) == 0 || strncmp(wish, "http", 4) == 0)
        dossier->document.source = wish;
    else if (*wish)
        dossier->options.noop = wish;
    dossier_encode(dossier, out);
    dossier_destroy(&dossier);
}

message_t errand_submit(const errands_t *errands, const errand_t *errand, buf_t *body)
{
    const errand_kind_t *kind = &errands->kinds[errand->kind];
    message_t submit = {.command = COMMAND_SUBMIT, .job = errand->id, .epoch = errand->epoch};
    for (uint32_t i = errand->at; i < kind->route_count; i++)
        submit.names[submit.name_count++] = slice_of(kind->route[i]);
    if (errand->body.size == 0)
        make_dossier(errand, kind->wish, body);
    const buf_t *bytes = errand->body.size ? &errand->body : body;
    submit.body = (slice_t){bytes->bytes, (uint32_t)bytes->size};
    submit.attempt = errand->attempt;
    submit.crashes = errand->crashes;
    submit.losses = errand->losses;
    submit.attempts = ATTEMPTS;
    submit.backoff = BACKOFF_EXPONENTIAL;
    submit.backoff_ms = BACKOFF_MS;
    submit.jitter = 50;
    submit.record = errand->number % 3 != 0;
    submit.priority = errand->number % 5 == 0 ? errand->number % 3 : 0;
    submit.budget = errand->number % 2 ? BUDGET : 0;
    submit.delay_ms = errand->number % 11 == 0 ? DELAY_MS : 0;
    return submit;
}
