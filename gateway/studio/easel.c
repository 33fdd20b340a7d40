/* easel: see easel.h. */
#include "easel.h"

#include "gateway/store/holds.h"
#include "printout.h"
#include "proto/base/ident.h"
#include "proto/layer.h"
#include "subject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* PATIENCE: for a database that is away. URL: seconds that a host may fetch the document. HOLD_BYTES: that are put in a
 * second even over a poor line. TRIES: an object that goes away that often while it is put is no chance. */
enum { PATIENCE_MS = 2000, URL_SECONDS = 600, HOLD_BYTES = 1000000, TRIES_MOST = 5 };

/* ---- before ---- */

typedef struct {
    subject_t subject;
    view_t dossier;
    verdict_t verdict;
} sitting_t;

static int look(session_t *session, store_task_t *task, fault_t *fault)
{
    sitting_t *sitting = task->context;
    const picture_place_t *place = &sitting->subject.place;
    sitting->verdict = VERDICT_NOT_FOUND;
    if (subject_look(session, &sitting->subject, fault) < 0)
        return -1;
    return sitting->subject.read == VERDICT_DONE
               ? documents_dossier(session, place->tenant, place->document, sitting->subject.arena, &sitting->dossier,
                                   &sitting->verdict, fault)
               : 0;
}

/* The whole dossier's page of this number, if it was read. */
static const page_t *find_page(const dossier_t *whole, int64_t number)
{
    for (size_t i = 0; i < whole->pages.count; i++)
        if (LIST_AT(page_t, whole->pages, i)->number == number)
            return LIST_AT(page_t, whole->pages, i);
    return NULL;
}

/* A dossier of this page alone: a document has a hundred of them. It borrows from the whole one. */
static dossier_t *excerpt(const dossier_t *whole, const subject_t *subject, const char *url)
{
    char layers[LAYERS_TEXT];
    const document_row_t *row = &subject->document;
    const page_t *page = find_page(whole, subject->place.page);
    dossier_t *part = dossier_new();
    part->document = (document_t){.id = row->id,
                                  .filename = row->filename,
                                  .source = url,
                                  .media = whole->document.media,
                                  .bytes = row->file_size < 0 ? 0 : row->file_size,
                                  .sha256 = row->sha256};
    part->options.gate = whole->options.gate;
    part->options.pages = arena_format(part->arena, "%lld", (long long)subject->place.page);
    part->options.overlay = arena_text(part->arena, layers_write(subject->place.layers, layers));
    part->timetables = whole->timetables;
    printout_fill(part, subject->timetables.rows, subject->timetables.count);
    if (page)
        *(page_t *)list_push(part->arena, &part->pages, sizeof *page) = *page;
    return part;
}

static int write_excerpt(const easel_t *easel, const sitting_t *sitting, buf_t *out, fault_t *fault)
{
    const subject_t *subject = &sitting->subject;
    char key[BLOBS_KEY_BYTES];
    buf_t url = {0};
    dossier_t *whole = dossier_decode(sitting->dossier.at, sitting->dossier.size, fault), *part = NULL;
    int failed = !whole || blobs_key(subject->place.tenant, subject->document.sha256, key, fault) < 0 ||
                 blobs_url(easel->blobs, key, URL_SECONDS, &url, fault) < 0;
    if (!failed) {
        part = excerpt(whole, subject, url.bytes);
        dossier_encode(part, out);
    }
    dossier_destroy(&part);
    dossier_destroy(&whole);
    buf_free(&url);
    return failed ? -1 : 0;
}

int easel_sketch(const easel_t *easel, const picture_place_t *place, const char *print, buf_t *dossier, fault_t *fault)
{
    sitting_t sitting = {.subject = {.place = *place, .arena = arena_new()}};
    int failed = store_call(easel->store, STORE_READ, look, &sitting, PATIENCE_MS, fault);
    if (!failed && (sitting.verdict != VERDICT_DONE || strcmp(sitting.subject.print, print) != 0))
        failed = fault_set(fault, FAULT_CANCELLED, "the document has changed since the page was asked for");
    if (!failed && !sitting.subject.document.sha256)
        failed = fault_set(fault, FAULT_INPUT, "the bytes of this document are not kept here");
    if (!failed)
        failed = write_excerpt(easel, &sitting, dossier, fault);
    arena_destroy(&sitting.subject.arena);
    return failed;
}

/* ---- after ---- */

typedef struct {
    const easel_t *easel;
    const picture_place_t *place;
    const picture_row_t *picture;
    arena_t *arena;
    const char *birth; /* of the blob, if it is new */
    hold_t hold;
    verdict_t verdict;
} keeping_t;

static int hold(session_t *session, store_task_t *task, fault_t *fault)
{
    keeping_t *keeping = task->context;
    int64_t seconds = keeping->easel->grace_seconds + keeping->picture->bytes / HOLD_BYTES;
    return holds_take(session, keeping->place->tenant, keeping->picture->sha256, keeping->picture->bytes,
                      seconds * 1000, keeping->birth, keeping->arena, &keeping->hold, &keeping->verdict, fault);
}

static int take_in(session_t *session, store_task_t *task, fault_t *fault)
{
    keeping_t *keeping = task->context;
    return pictures_put(session, keeping->place, keeping->picture, keeping->hold.birth, &keeping->verdict, fault);
}

/* Held, put and taken in. verdict: BLOB_AWAY where the object went meanwhile. */
static int try_to_keep(keeping_t *keeping, int fd, fault_t *fault)
{
    const easel_t *easel = keeping->easel;
    char birth[IDENT_TEXT], key[BLOBS_KEY_BYTES];
    ident_t ident;
    if (ident_new(&ident, fault) < 0)
        return -1;
    keeping->birth = ident_format(ident, birth);
    if (store_call(easel->store, STORE_RELAXED, hold, keeping, PATIENCE_MS, fault) < 0)
        return -1;
    if (keeping->verdict != VERDICT_DONE)
        return 0;
    if (blobs_key(keeping->place->tenant, keeping->picture->sha256, key, fault) < 0)
        return -1;
    blob_info_t info; /* it may have been drawn again because somebody has lost it */
    int found = keeping->hold.present ? blobs_find(easel->blobs, key, &info, fault) : 0;
    if (found < 0 || (!found && blobs_put(easel->blobs, key, fd, keeping->picture->bytes, "image/png", fault) < 0))
        return -1;
    return store_call(easel->store, STORE_WRITE, take_in, keeping, PATIENCE_MS, fault);
}

/* The digest of a file of so many bytes. -1 with errno. */
static int digest(int fd, int64_t bytes, char sha256[HASH_HEX])
{
    enum { BLOCK = 64 * 1024 };
    char block[BLOCK];
    hash_t hash;
    hash_begin(&hash);
    for (int64_t done = 0; done < bytes;) {
        ssize_t n = pread(fd, block, bytes - done < BLOCK ? (size_t)(bytes - done) : BLOCK, done);
        if (n <= 0)
            return -1;
        hash_add(&hash, block, (size_t)n);
        done += n;
    }
    hash_hex(&hash, sha256);
    return 0;
}

int easel_keep(const easel_t *easel, const picture_place_t *place, const char *print, int fd, int64_t bytes,
               fault_t *fault)
{
    char sha256[HASH_HEX];
    picture_row_t picture = {.print = print, .sha256 = sha256, .bytes = bytes};
    keeping_t keeping = {.easel = easel, .place = place, .picture = &picture, .verdict = VERDICT_BLOB_AWAY};
    int failed = 0;
    if (digest(fd, bytes, sha256) < 0)
        return fault_set(fault, FAULT_SYSTEM, "a file of the spool cannot be read: %s", strerror(errno));
    for (int i = 0; i < TRIES_MOST && !failed && keeping.verdict == VERDICT_BLOB_AWAY; i++) {
        keeping.arena = arena_new();
        failed = try_to_keep(&keeping, fd, fault);
        arena_destroy(&keeping.arena);
    }
    if (failed || keeping.verdict == VERDICT_DONE)
        return failed;
    if (keeping.verdict == VERDICT_NOT_FOUND)
        return fault_set(fault, FAULT_CANCELLED, "the document was deleted while the page was drawn");
    return fault_set(fault, FAULT_UNAVAILABLE, "the same picture is just being removed; ask for it again in a moment");
}
