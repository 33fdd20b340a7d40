/* payload: see payload.h. */
#include "payload.h"

#include "parts.h"
#include "sheets.h"
#include "take.h"

#include "proto/base/text.h"
#include "proto/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts of the payload, in bytes: a path of Linux, a URL that is fetched, and names. */
enum { KEY_MOST = 1024, PATH_MOST = 4096, URL_MOST = 8192, NAME_MOST = 1024, LANGUAGES_MOST = 32 };

/* How people name the object that has what the stage before returned. */
static const char *const results[] = {"ocr", "llm", "ocrResult", "llmResult", "result", "previous", "previousResult"};

/* What stands in the payload beside what stages add. */
typedef struct {
    extras_t extras;
    const char *id;       /* documentId */
    const char *key;      /* s3Key */
    const char *path;     /* imagePath */
    const char *url;      /* url */
    const char *filename; /* as the sender called it */
    options_t options;    /* how it is to be read */
} head_t;

static const field_t option_fields[] = {
    {"languages", FIELD_TEXTS, offsetof(options_t, languages), NULL, 0, LANGUAGES_MOST, 0},
    {"engine", FIELD_TEXT, offsetof(options_t, engine), NULL, 0, NAME_MOST, FIELD_OMIT_EMPTY},
    {"pages", FIELD_TEXT, offsetof(options_t, pages), NULL, 0, NAME_MOST, FIELD_OMIT_EMPTY},
    {"gate", FIELD_REAL, offsetof(options_t, gate), NULL, 0, 1, 0},
};
static const schema_t option_schema = SCHEMA(options_t, "options", option_fields);

static const field_t head_fields[] = {
    {"documentId", FIELD_TEXT, offsetof(head_t, id), NULL, 0, PAYLOAD_ID_MOST, 0},
    {"s3Key", FIELD_TEXT, offsetof(head_t, key), NULL, 0, KEY_MOST, 0},
    {"imagePath", FIELD_TEXT, offsetof(head_t, path), NULL, 0, PATH_MOST, 0},
    {"url", FIELD_TEXT, offsetof(head_t, url), NULL, 0, URL_MOST, 0},
    {"filename", FIELD_TEXT, offsetof(head_t, filename), NULL, 0, NAME_MOST, 0},
    {"options", FIELD_STRUCT, offsetof(head_t, options), &option_schema, 0, 0, 0},
};
static const schema_t head_schema = SCHEMA(head_t, "payload", head_fields);

typedef struct {
    const payload_ask_t *ask;
    sources_t *sources;
    dossier_t *dossier;
    int done; /* how many stages of the route have their part in the payload */
} reader_t;

/* ---- the head ---- */

/* Whether what the stage ocr returns stands beside the documentId: its `engine` is who has read it then, no wish. */
static bool has_pages(const json_t *json)
{
    return json_is_array(json_object_get(json, "pages")) || json_is_array(json_object_get(json, "words")) ||
           json_is_string(json_object_get(json, "text"));
}

/* Options may stand beside the documentId too. */
static void gather_options(json_t *json)
{
    static const char *const names[] = {"languages", "engine", "gate", "pages"};
    json_t *options = json_object_get(json, "options");
    if (!options) {
        options = json_object();
        json_object_set_new(json, "options", options);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *value = json_object_get(json, names[i]);
        bool pages = strcmp(names[i], "pages") == 0; /* a list of them is what the stage ocr has found */
        bool engine = strcmp(names[i], "engine") == 0;
        if (engine && has_pages(json))
            continue;
        if (value && json_is_object(options) && !json_object_get(options, names[i]) &&
            (!pages || json_is_string(value)))
            json_object_set(options, names[i], value);
        if (pages && json_is_string(value))
            json_object_del(json, names[i]);
    }
}

/* Other ways to say the same: a number for an id, "eng+deu" for a list. */
static void straighten(json_t *json)
{
    static const char between[] = "+, ";
    const json_t *id = json_object_get(json, "documentId");
    gather_options(json);
    json_t *options = json_object_get(json, "options");
    const char *languages = json_string_value(json_object_get(options, "languages"));
    if (json_is_integer(id)) {
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(id));
        json_object_set_new(json, "documentId", json_string(text));
    }
    if (!languages)
        return;
    json_t *list = json_array();
    for (const char *at = languages; *(at += strspn(at, between)); at += strcspn(at, between))
        json_array_append_new(list, json_stringn(at, strcspn(at, between)));
    json_object_set_new(options, "languages", list);
}

/* A key or path of the document ends with its name. */
static const char *last_part(const char *text)
{
    const char *slash = strrchr(text, '/');
    return slash && slash[1] ? slash + 1 : text;
}

static int take_id(reader_t *reader, const char *id, fault_t *fault)
{
    if (!id || !*id)
        return fault_set(fault, FAULT_INPUT, "documentId is missing");
    for (const char *at = id; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            return fault_set(fault, FAULT_INPUT, "documentId has control characters in it");
    if (strstr(id, "\xEF\xBF\xBD")) /* U+FFFD: nobody knows any more what it was */
        return fault_set(fault, FAULT_INPUT, "documentId has something in it that is no character");
    reader->dossier->document.id = id;
    return 0;
}

static int take_source(reader_t *reader, const head_t *head, fault_t *fault)
{
    buf_t url = {0};
    int count = !!head->key + !!head->path + !!head->url, taken = 0;
    if (count > 1)
        return fault_set(fault, FAULT_INPUT, "it names the document more than once: one of s3Key, imagePath and url");
    if (head->key)
        taken = sources_key(reader->sources, head->key, &url, fault);
    else if (head->path)
        taken = sources_path(reader->sources, head->path, &url, fault);
    else if (head->url)
        taken = sources_url(reader->sources, head->url, &url, fault);
    if (taken == 0 && count) {
        reader->dossier->document.source = arena_text(reader->dossier->arena, buf_string(&url));
        reader->dossier->document.path = head->key ? head->key : head->path; /* a URL may carry rights */
    }
    buf_free(&url);
    return taken;
}

static void take_name(reader_t *reader, const head_t *head)
{
    arena_t *arena = reader->dossier->arena;
    const char *name = head->filename ? head->filename
                       : head->key    ? last_part(head->key)
                       : head->path   ? last_part(head->path)
                                      : NULL;
    if (!name && head->url) {
        char *path = arena_text_n(arena, head->url, strcspn(head->url, "?#"));
        name = last_part(path);
    }
    char *shown = arena_text(arena, name);
    if (shown)
        text_neuter(shown);
    reader->dossier->document.filename = shown;
}

static int check_options(const options_t *options, fault_t *fault)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/";
    static const char ranges[] = "0123456789,- ";
    for (size_t i = 0; i < options->languages.count; i++) {
        const char *language = options->languages.items[i];
        if (!*language || strspn(language, letters) != strlen(language))
            return fault_set(fault, FAULT_INPUT, "options.languages: \"%.40s\" is no language such as eng", language);
    }
    if (options->pages && strspn(options->pages, ranges) != strlen(options->pages))
        return fault_set(fault, FAULT_INPUT, "options.pages: \"%.40s\" is no list such as 1-3,5", options->pages);
    return 0;
}

/* What the payload does not say is as the settings have it. */
static int take_options(reader_t *reader, const json_t *json, const options_t *given, fault_t *fault)
{
    const settings_t *settings = sources_settings(reader->sources);
    options_t *options = &reader->dossier->options;
    *options = *given;
    if (!options->engine)
        options->engine = arena_text(reader->dossier->arena, settings->engine);
    if (!json_is_number(json_object_get(json_object_get(json, "options"), "gate")))
        options->gate = settings->gate;
    for (const char *at = settings->languages; !given->languages.count && at && *at; at += strspn(at, "+,")) {
        size_t length = strcspn(at, "+,");
        texts_push(reader->dossier->arena, &options->languages, arena_text_n(reader->dossier->arena, at, length));
        at += length;
    }
    return check_options(options, fault);
}

static int take_head(reader_t *reader, json_t *json, fault_t *fault)
{
    head_t head = {.id = NULL};
    straighten(json);
    if (take_object(&head_schema, json, reader->dossier->arena, &head, fault) < 0 ||
        take_id(reader, head.id, fault) < 0 || take_options(reader, json, &head.options, fault) < 0 ||
        take_source(reader, &head, fault) < 0)
        return -1;
    take_name(reader, &head);
    return 0;
}

/* ---- what stages before have found ---- */

static int take_parts(reader_t *reader, const json_t *json, fault_t *fault)
{
    int classification = parts_classification(json, reader->dossier, fault);
    int pages = classification < 0 ? -1 : parts_pages(json, reader->dossier, fault);
    int timetables = pages < 0 ? -1 : parts_timetables(json, reader->dossier, fault);
    int done = timetables > 0 ? PARTS_VALIDATION : pages > 0 ? PARTS_LLM : classification > 0 ? PARTS_OCR : 0;
    if (done > reader->done)
        reader->done = done;
    return timetables < 0 ? -1 : 0;
}

static int take_results(reader_t *reader, const json_t *json, fault_t *fault)
{
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        const json_t *result = json_object_get(json, results[i]);
        if (json_is_object(result) && take_parts(reader, result, fault) < 0)
            return fault_prefix(fault, results[i]);
    }
    return take_parts(reader, json, fault);
}

static int take_previous(reader_t *reader, fault_t *fault)
{
    const char *text = reader->ask->previous;
    json_t *json = text ? take_text(text, strlen(text), "what the job's child returned", fault) : NULL;
    int taken = !text ? 0 : !json ? -1 : take_parts(reader, json, fault);
    if (json && taken < 0)
        fault_prefix(fault, "what the job's child returned");
    json_decref(json);
    return taken;
}

/* ---- together ---- */

/* A job that a bridge has added for others must not come back to it through the broker. */
static int check_mark(const reader_t *reader, const json_t *json, fault_t *fault)
{
    const char *stage = json_string_value(json_object_get(json_object_get(json, "yogi"), "stage"));
    if (!stage || strcmp(stage, reader->ask->stage) != 0)
        return 0;
    return fault_set(
        fault, FAULT_INPUT,
        "a bridge has added it for other workers of the stage %s; done here it would go round for ever: let "
        "YOGI_BULLMQ_QUEUES not serve what YOGI_STAGE_* gives away",
        reader->ask->stage);
}

/* Where to begin, which must be possible with what is there. */
static int decide(const reader_t *reader, payload_t *payload, fault_t *fault)
{
    int place = parts_place(reader->ask->stage);
    if (place >= 0 && reader->done < place)
        place = reader->done;
    if (place == PARTS_LLM && !reader->dossier->pages.count) /* timetables are no help to who is to find them */
        place = reader->dossier->classification.kind ? PARTS_OCR : PARTS_CLASSIFICATION;
    payload->begin = place < 0 ? reader->ask->stage : parts_stages[place];
    if (place < 0 || place > PARTS_OCR || reader->dossier->document.source)
        return 0;
    return fault_set(fault, FAULT_INPUT, "it names no document: s3Key, imagePath or url%s",
                     strcmp(reader->ask->stage, "llm") == 0 ? ", or the pages that the stage ocr has found"
                     : strcmp(reader->ask->stage, "validation") == 0
                         ? ", or the timetables that the stage llm has found"
                         : "");
}

int payload_read(sources_t *sources, const payload_ask_t *ask, payload_t *payload, fault_t *fault)
{
    static const char what[] = "the job's data";
    *payload = (payload_t){NULL, NULL};
    if (ask->size > PAYLOAD_MOST)
        return fault_set(fault, FAULT_INPUT, "%s are larger than %d MB", what, PAYLOAD_MOST >> 20);
    json_t *json = take_text(ask->text, ask->size, what, fault);
    if (!json)
        return -1;
    reader_t reader = {.ask = ask, .sources = sources, .dossier = dossier_new()};
    int taken = -1;
    if (check_mark(&reader, json, fault) == 0 && take_head(&reader, json, fault) == 0 &&
        take_previous(&reader, fault) == 0 && take_results(&reader, json, fault) == 0)
        taken = decide(&reader, payload, fault);
    json_decref(json);
    payload->dossier = reader.dossier;
    if (taken < 0) {
        fault_prefix(fault, what);
        payload_free(payload);
    }
    return taken;
}

void payload_free(payload_t *payload)
{
    dossier_destroy(&payload->dossier);
}

/* ---- the producing side ---- */

/* A file: URL as its path, which is what a worker on the same machine opens. */
static void write_source(const char *source, buf_t *out)
{
    static const char scheme[] = "file://";
    buf_t path = {0};
    if (strncmp(source, scheme, sizeof scheme - 1) != 0) {
        buf_text(out, ",\"url\":");
        json_text(source, out);
        return;
    }
    for (const char *at = source + sizeof scheme - 1; *at; at++) {
        char digits[3] = {at[0] == '%' ? at[1] : 0, at[0] == '%' && at[1] ? at[2] : 0, 0};
        if (digits[0] && digits[1]) {
            buf_char(&path, (char)strtol(digits, NULL, 16));
            at += 2;
        } else {
            buf_char(&path, *at);
        }
    }
    buf_text(out, ",\"imagePath\":");
    json_text(buf_string(&path), out);
    buf_free(&path);
}

void payload_write(const dossier_t *dossier, const payload_mark_t *mark, buf_t *out)
{
    static const char *const omit[] = {"reasons", "evidence", NULL};
    buf_text(out, "{\"documentId\":");
    json_text(dossier->document.id ? dossier->document.id : mark->run, out);
    if (dossier->document.source)
        write_source(dossier->document.source, out);
    if (dossier->document.filename) {
        buf_text(out, ",\"filename\":");
        json_text(dossier->document.filename, out);
    }
    buf_text(out, ",\"options\":");
    json_write(&option_schema, &dossier->options, NULL, 0, out);
    if (dossier->classification.kind) {
        buf_text(out, ",\"classification\":");
        json_write(&classification_schema, &dossier->classification, NULL, 0, out);
    }
    if (dossier->pages.count) {
        buf_text(out, ",\"words\":");
        sheets_write_words(&dossier->pages, out);
        buf_text(out, ",\"pages\":");
        sheets_write_pages(&dossier->pages, out);
    }
    if (dossier->timetables.count) {
        buf_text(out, ",\"timetables\":");
        json_write_list(&timetable_schema, &dossier->timetables, omit, 0, out);
    }
    buf_text(out, ",\"yogi\":{\"stage\":");
    json_text(mark->stage, out);
    buf_text(out, ",\"run\":");
    json_text(mark->run, out);
    buf_format(out, ",\"attempt\":%u}}", mark->attempt);
}
