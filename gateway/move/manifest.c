/* manifest: see manifest.h. */
#include "manifest.h"
#include "folder.h"
#include "proto/base/ident.h"
#include "proto/base/memory.h"
#include "proto/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* EXAMPLES: told on the terminal. ENDING: letters of a file's ending that is believed. BLOBS: rows of one statement. */
enum { EXAMPLES_MOST = 10, ENDING_MOST = 10, BLOBS_MOST = 500, DEMO_DIGITS = 32 };
static const char DEMO_FOLDER[] = "./data/uploads/"; /* where the demo keeps them by its defaults */

/* Where the row of a document points. */
typedef struct {
    const char *id, *path, *filename;
    size_t item; /* of the cargo; NO_ITEM = none */
} entry_t;
static const size_t NO_ITEM = SIZE_MAX;

struct manifest {
    side_t *source;
    cargo_t *cargo;
    bool back;  /* the target's folder is the demo's */
    int folder; /* that is or may be the demo's, on either side; -1 = none, or it is not there yet */
    arena_t *arena;
    entry_t *entries;
    size_t count, room;
    wordmap_t *blobs;          /* keys of the source's blobs */
    wordmap_t *made;           /* keys of blobs that only the move makes; NULL: not known yet */
    wordmap_t *ids;            /* to numbers of entries */
    wordmap_t *names;          /* files of the demo's folder that rows speak of */
    const char *upload_prefix; /* what the demo's paths begin with */
    int64_t missing, extra, extra_bytes, shared, bytes;
    buf_t examples;
};

static entry_t *add_entry(manifest_t *manifest, const char *id)
{
    if (manifest->count == manifest->room) {
        manifest->room = manifest->room ? 2 * manifest->room : 1024;
        manifest->entries = memory_grow(manifest->entries, manifest->room, sizeof *manifest->entries);
    }
    wordmap_put(manifest->ids, view_of(id), manifest->count);
    entry_t *entry = &manifest->entries[manifest->count++];
    *entry = (entry_t){.id = arena_text(manifest->arena, id), .item = NO_ITEM};
    return entry;
}

static void note_missing(manifest_t *manifest, const char *id, const char *path)
{
    if (manifest->missing++ >= EXAMPLES_MOST)
        return;
    char *shown = arena_format(manifest->arena, "document %s: %s is not there\n", id, path);
    shown[strlen(shown) - 1] = 0;
    text_neuter(shown);
    buf_format(&manifest->examples, "%s\n", shown);
}

/* ---- out of the demo's folder ---- */

static void find_file(manifest_t *manifest, entry_t *entry, const char *path)
{
    struct stat status;
    const char *name = folder_find(manifest->folder, path, manifest->arena, &status);
    cargo_item_t item = {.document = entry->id, .name = name, .tenant = "default", .bytes = -1, .loose = true};
    entry->path = arena_text(manifest->arena, path);
    if (!name) {
        note_missing(manifest, entry->id, path);
        return;
    }
    item.bytes = status.st_size;
    manifest->shared += wordmap_get(manifest->names, view_of(name), NULL);
    wordmap_put(manifest->names, view_of(name), 0);
    manifest->bytes += status.st_size;
    entry->item = cargo_add(manifest->cargo, &item);
}

static void note_extra(void *user, const char *name, const struct stat *status)
{
    manifest_t *manifest = user;
    if (wordmap_get(manifest->names, view_of(name), NULL))
        return;
    manifest->extra++;
    manifest->extra_bytes += status->st_size;
}

/* ---- into the demo's folder ---- */

/* The ending of a file's name with its point, if it is one that every file system and shell takes; "" otherwise. */
static const char *ending_of(const char *filename)
{
    const char *point = strrchr(filename, '.');
    size_t size = point ? strspn(point + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") : 0;
    return size && size <= ENDING_MOST && !point[size + 1] ? point : "";
}

/* A folder's name for the document: its id, where a file system takes that. */
static const char *folder_of(const char *id, arena_t *arena)
{
    char sha256[HASH_HEX];
    hash_t hash;
    if (!strchr(id, '/') && folder_takes(id) && strlen(id) <= FOLDER_PART_MOST)
        return id;
    hash_begin(&hash);
    hash_add(&hash, id, strlen(id));
    return arena_format(arena, "%.*s", DEMO_DIGITS, hash_hex(&hash, sha256));
}

/* Where "/ID/" begins in the path, behind the first slash; NULL = it is not there. */
static const char *find_id(const char *path, const char *id)
{
    size_t size = strlen(id);
    for (const char *at = path; (at = strstr(at, id)); at++)
        if (size && at > path && at[-1] == '/' && at[size] == '/')
            return at;
    return NULL;
}

/* The name in the folder of a path that the demo had: from the document's id on; else the last part. */
static const char *name_of_path(manifest_t *manifest, const char *path, const char *id)
{
    struct stat status;
    const char *there = manifest->folder < 0 ? NULL : folder_find(manifest->folder, path, manifest->arena, &status);
    const char *at = find_id(path, id), *slash = strrchr(path, '/');
    const char *name = there ? there : at ? at : slash ? slash + 1 : path;
    return folder_takes(name) ? name : NULL;
}

/* What the paths of the demo begin with, from one that it made. */
static void learn_prefix(manifest_t *manifest, const char *path, const char *id)
{
    const char *at = find_id(path, id), *slash = strrchr(path, '/');
    if (at || (slash && !manifest->upload_prefix))
        manifest->upload_prefix =
            arena_text_n(manifest->arena, path, at ? (size_t)(at - path) : (size_t)(slash + 1 - path));
}

/* The path and name for documents that the demo never had, now that its prefix is known. */
static void name_new(manifest_t *manifest, entry_t *entry, const char *sha256, const char **name)
{
    *name = arena_format(manifest->arena, "%s/%.*s%s", folder_of(entry->id, manifest->arena), DEMO_DIGITS, sha256,
                         ending_of(entry->filename));
    entry->path =
        arena_format(manifest->arena, "%s%s", manifest->upload_prefix ? manifest->upload_prefix : DEMO_FOLDER, *name);
}

/* ---- documents ---- */

/* What is read of a document while its rows stream by. */
typedef struct {
    const char *id, *filename, *path, *source_path, *tenant, *sha256, *bytes;
} seen_t;

static void take_from_demo(manifest_t *manifest, const seen_t *seen)
{
    find_file(manifest, add_entry(manifest, seen->id), seen->path);
}

/* The item's name is made when all were seen: until then its sha256 and tenant wait in the cargo. */
static void take_from_ours(manifest_t *manifest, const seen_t *seen)
{
    entry_t *entry = add_entry(manifest, seen->id);
    const char *path = seen->source_path ? seen->source_path : seen->sha256 ? NULL : seen->path;
    cargo_item_t item = {.document = entry->id, .tenant = seen->tenant ? seen->tenant : "default", .bytes = -1};
    entry->path = arena_text(manifest->arena, path);
    entry->filename = arena_text(manifest->arena, seen->filename);
    if (path)
        learn_prefix(manifest, path, entry->id);
    if (!seen->sha256 || strlen(seen->sha256) != HASH_HEX - 1)
        return;
    snprintf(item.sha256, sizeof item.sha256, "%s", seen->sha256);
    manifest->bytes += seen->bytes ? strtoll(seen->bytes, NULL, 10) : 0;
    item.name = path ? name_of_path(manifest, path, entry->id) : "";
    entry->item = cargo_add(manifest->cargo, &item);
}

static int read_documents(manifest_t *manifest, fault_t *fault)
{
    columns_t columns = columns_shared(catalog_table("documents"), manifest->source, NULL);
    reader_plan_t plan = {.side = manifest->source, .columns = &columns};
    reader_t *reader = reader_new(&plan, fault);
    const row_t *row;
    int got = reader ? 0 : -1;
    while (reader && (got = reader_next(reader, &row, fault)) == 1) {
        seen_t seen = {reader_value(reader, row, "id"),        reader_value(reader, row, "filename"),
                       reader_value(reader, row, "file_path"), reader_value(reader, row, "source_path"),
                       reader_value(reader, row, "tenant"),    reader_value(reader, row, "sha256"),
                       reader_value(reader, row, "file_size")};
        if (manifest->source->layout == LAYOUT_DEMO)
            take_from_demo(manifest, &seen);
        else
            take_from_ours(manifest, &seen);
        reader_forget(reader);
    }
    reader_destroy(&reader);
    return got;
}

/* Names for what the demo never had. */
static void name_all_new(manifest_t *manifest)
{
    for (size_t i = 0; i < manifest->count; i++) {
        entry_t *entry = &manifest->entries[i];
        if (entry->item == NO_ITEM)
            continue;
        const cargo_item_t *item = cargo_item(manifest->cargo, entry->item);
        const char *name = item->name;
        if (!name || !*name) {
            name_new(manifest, entry, item->sha256, &name);
            cargo_name(manifest->cargo, entry->item, name);
        }
    }
}

/* ---- blobs of ours, whoever has them ---- */

static int read_blobs(manifest_t *manifest, fault_t *fault)
{
    char key[BLOBS_KEY_BYTES];
    arena_t *arena = arena_new();
    sql_rows_t rows = {0};
    int failed = bulk_ask(manifest->source->reader, "SELECT tenant, sha256, bytes FROM blobs WHERE state = 'present'",
                          NULL, 0, arena, &rows, fault);
    for (size_t i = 0; !failed && i < rows.rows; i++) {
        cargo_item_t item = {.tenant = sql_cell(&rows, i, 0), .bytes = sql_cell_int(&rows, i, 2)};
        snprintf(item.sha256, sizeof item.sha256, "%s", sql_cell(&rows, i, 1));
        manifest->bytes += item.bytes;
        cargo_add(manifest->cargo, &item);
        snprintf(key, sizeof key, "%s/%s", item.tenant, item.sha256);
        wordmap_put(manifest->blobs, view_of(key), 0);
    }
    arena_destroy(&arena);
    return failed;
}

/* ---- */

/* Documents of ours whose files are still in the demo's folder. One that is not there was never a file here: it was
 * read for the owner of a queue. */
static int read_loose(manifest_t *manifest, fault_t *fault)
{
    arena_t *arena = arena_new();
    sql_rows_t rows = {0};
    struct stat status;
    int failed = manifest->folder < 0 ? 0
                                      : bulk_ask(manifest->source->reader,
                                                 "SELECT id, file_path FROM documents WHERE sha256 IS NULL ORDER BY id",
                                                 NULL, 0, arena, &rows, fault);
    for (size_t i = 0; !failed && i < rows.rows; i++) {
        const char *path = sql_cell(&rows, i, 1);
        if (folder_find(manifest->folder, path, arena, &status))
            find_file(manifest, add_entry(manifest, sql_cell(&rows, i, 0)), path);
    }
    arena_destroy(&arena);
    return failed;
}

static int fill(manifest_t *manifest, fault_t *fault)
{
    bool demo = manifest->source->layout == LAYOUT_DEMO;
    if (!demo && !manifest->back)
        return read_blobs(manifest, fault) < 0 ? -1 : read_loose(manifest, fault);
    if (read_documents(manifest, fault) < 0)
        return -1;
    if (!demo)
        name_all_new(manifest);
    else if (folder_walk(manifest->folder, false, note_extra, manifest) < 0)
        return fault_set(fault, FAULT_INPUT, "the folder of files cannot be read: %s", strerror(errno));
    return 0;
}

manifest_t *manifest_new(side_t *source, const cargo_plan_t *plan, fault_t *fault)
{
    manifest_t *manifest = memory_new(1, sizeof *manifest);

    *manifest = (manifest_t){.source = source,
                             .cargo = cargo_new(plan),
                             .back = plan->target->demo,
                             .folder = (plan->target->demo ? plan->target : plan->source)->folder,
                             .arena = arena_new(),
                             .blobs = wordmap_new(),
                             .ids = wordmap_new(),
                             .names = wordmap_new()};
    if (fill(manifest, fault) < 0)
        manifest_destroy(&manifest);
    return manifest;
}

void manifest_destroy(manifest_t **manifest)
{
    if (!manifest || !*manifest)
        return;
    cargo_destroy(&(*manifest)->cargo);
    arena_destroy(&(*manifest)->arena);
    wordmap_destroy(&(*manifest)->blobs);
    wordmap_destroy(&(*manifest)->made);
    wordmap_destroy(&(*manifest)->ids);
    wordmap_destroy(&(*manifest)->names);
    buf_free(&(*manifest)->examples);
    free((*manifest)->entries);
    free(*manifest);
    *manifest = NULL;
}

cargo_t *manifest_cargo(const manifest_t *manifest)
{
    return manifest->cargo;
}

int64_t manifest_missing(const manifest_t *manifest)
{
    int64_t vanished = 0;
    for (size_t i = 0; i < cargo_count(manifest->cargo); i++)
        vanished += cargo_item(manifest->cargo, i)->missing;
    return manifest->missing + vanished;
}

const char *manifest_missing_examples(const manifest_t *manifest)
{
    return buf_string(&manifest->examples);
}

int64_t manifest_extra(const manifest_t *manifest, int64_t *bytes)
{
    *bytes = manifest->extra_bytes;
    return manifest->extra;
}

int64_t manifest_shared(const manifest_t *manifest)
{
    return manifest->shared;
}

int64_t manifest_bytes(const manifest_t *manifest)
{
    return manifest->bytes;
}

/* ---- rows ---- */

int manifest_expect(manifest_t *manifest, side_t *target, fault_t *fault)
{
    arena_t *arena = arena_new();
    sql_rows_t rows = {0};
    uint64_t number;
    int failed = !manifest->back ? bulk_ask(target->writer, "SELECT id, sha256 FROM documents WHERE sha256 IS NOT NULL",
                                            NULL, 0, arena, &rows, fault)
                                 : 0;
    for (size_t i = 0; !failed && i < rows.rows; i++) {
        bool known = wordmap_get(manifest->ids, sql_cell_view(&rows, i, 0), &number);
        const entry_t *entry = known ? &manifest->entries[number] : NULL;
        if (entry && entry->item != NO_ITEM && cargo_item(manifest->cargo, entry->item)->loose)
            cargo_expect(manifest->cargo, entry->item, sql_cell(&rows, i, 1));
    }
    arena_destroy(&arena);
    return failed;
}

int manifest_sizes(manifest_t *manifest, side_t *target, int64_t *wrong, fault_t *fault)
{
    arena_t *arena = arena_new();
    sql_rows_t rows = {0};
    uint64_t number;
    *wrong = 0;
    int failed = !manifest->back
                     ? bulk_ask(target->writer,
                                "SELECT d.id, b.bytes FROM documents d JOIN blobs b ON b.tenant = d.tenant AND "
                                "b.sha256 = d.sha256",
                                NULL, 0, arena, &rows, fault)
                     : 0;
    for (size_t i = 0; !failed && i < rows.rows; i++) {
        if (!wordmap_get(manifest->ids, sql_cell_view(&rows, i, 0), &number))
            continue;
        const entry_t *entry = &manifest->entries[number];
        const cargo_item_t *item = entry->item == NO_ITEM ? NULL : cargo_item(manifest->cargo, entry->item);
        *wrong += item && !item->missing && item->bytes >= 0 && item->bytes != sql_cell_int(&rows, i, 1);
    }
    arena_destroy(&arena);
    return failed;
}

void manifest_columns(const manifest_t *manifest, columns_t *columns)
{
    if (manifest->back)
        return;
    columns_add(columns, "sha256");
    columns_add(columns, "source_path");
}

static void fix_from_demo(const entry_t *entry, const cargo_item_t *item, reader_t *reader, row_t *row)
{
    char key[BLOBS_KEY_BYTES];
    fault_t unused;
    reader_put(reader, row, "source_path", entry->path);
    if (!item || item->missing || blobs_key(item->tenant, item->sha256, key, &unused) < 0)
        return;
    reader_put(reader, row, "file_path", key);
    reader_put(reader, row, "sha256", item->sha256);
}

bool manifest_fix(void *user, reader_t *reader, row_t *row)
{
    const manifest_t *manifest = user;
    uint64_t number;
    if (!wordmap_get(manifest->ids, row->value[0], &number))
        return true;
    const entry_t *entry = &manifest->entries[number];
    if (!manifest->back)
        fix_from_demo(entry, entry->item == NO_ITEM ? NULL : cargo_item(manifest->cargo, entry->item), reader, row);
    else if (entry->path)
        reader_put(reader, row, "file_path", entry->path);
    return true;
}

/* The keys of loose files that are not among the source's blobs; their hashes are known by now. */
static wordmap_t *make_made(const manifest_t *manifest)
{
    wordmap_t *made = wordmap_new();
    char key[BLOBS_KEY_BYTES];
    fault_t unused;
    for (size_t i = 0; i < cargo_count(manifest->cargo); i++) {
        const cargo_item_t *item = cargo_item(manifest->cargo, i);
        if (item->loose && !item->missing && blobs_key(item->tenant, item->sha256, key, &unused) == 0 &&
            !wordmap_get(manifest->blobs, view_of(key), NULL))
            wordmap_put(made, view_of(key), 0);
    }
    return made;
}

bool manifest_fix_blob(void *user, reader_t *reader, row_t *row)
{
    manifest_t *manifest = user;
    char key[BLOBS_KEY_BYTES];
    if (!manifest->made)
        manifest->made = make_made(manifest);
    snprintf(key, sizeof key, "%s/%s", reader_value(reader, row, "tenant"), reader_value(reader, row, "sha256"));
    return !wordmap_get(manifest->made, view_of(key), NULL);
}

int manifest_write_blobs(const manifest_t *manifest, side_t *target, fault_t *fault)
{
    static const char end[] = " ON CONFLICT (tenant, sha256) DO UPDATE SET state = 'present' WHERE blobs.state <> "
                              "'present'";
    size_t count = cargo_count(manifest->cargo), rows = 0;
    char key[BLOBS_KEY_BYTES], birth[IDENT_TEXT];
    ident_t ident;
    buf_t text = {0};
    int failed = ident_new(&ident, fault);
    ident_format(ident, birth);
    wordmap_t *written = wordmap_new(); /* ON CONFLICT takes no row twice */
    for (size_t i = 0; i <= count && !failed; i++) {
        const cargo_item_t *item = i < count ? cargo_item(manifest->cargo, i) : NULL;
        if (item && item->loose && !item->missing && blobs_key(item->tenant, item->sha256, key, NULL) == 0 &&
            !wordmap_get(written, view_of(key), NULL)) {
            wordmap_put(written, view_of(key), 0);
            buf_format(&text, "%s('%s', '%s', %lld, 'present', '%s', CURRENT_TIMESTAMP)",
                       rows++ ? ", " : "INSERT INTO blobs (tenant, sha256, bytes, state, birth, held_until) VALUES ",
                       item->tenant, item->sha256, (long long)item->bytes, birth);
        }
        if (rows && (rows == BLOBS_MOST || i == count)) {
            buf_text(&text, end);
            failed = bulk_script(target->writer, text.bytes, fault);
            buf_clear(&text);
            rows = 0;
        }
    }
    wordmap_destroy(&written);
    buf_free(&text);
    return failed;
}
