/* queues_back: after a rollback the demo works again, and its queue is to have a job for each document that waits to be
 * read: those that were carried over and not read here, and those that were uploaded since. */
#include "gateway/move/wordmap.h"
#include "proto/json.h"
#include "queues.h"

#include <inttypes.h>

typedef struct {
    queues_t *queues;
    wordmap_t *had; /* documents that have a job there */
    int64_t added, there;
} back_t;

/* A job of a document is not added twice, whatever became of the first: its id is the document's. */
static int give(void *user, const char *document, const char *path, fault_t *fault)
{
    back_t *back = user;
    buf_t data = {0}, id = {0};
    bool added = false;
    if (queues_stopped(back->queues))
        return fault_set(fault, FAULT_CANCELLED, STOPPED);
    int failed = 0;
    if (!wordmap_get(back->had, view_of(document), NULL)) {
        buf_text(&data, "{\"documentId\":");
        json_text(document, &data);
        buf_text(&data, ",\"filePath\":");
        json_text(path, &data);
        buf_char(&data, '}');
        buf_format(&id, "yogi-%s", document);
        failed = bull_add(&back->queues->bull, buf_string(&id), buf_string(&data), &added, fault);
    }
    back->added += added;
    back->there += !added;
    buf_free(&data);
    buf_free(&id);
    return failed;
}

static int note_jobs(back_t *back, fault_t *fault)
{
    bull_ids_t ids;
    bull_t *bull = &back->queues->bull;
    arena_t *names = arena_new(), *arena = arena_new();
    int failed = bull_ids(bull, names, &ids, fault);
    for (size_t i = 0; !failed && i < ids.count; i++) {
        bull_job_t job;
        arena_clear(arena);
        failed = bull_fetch(bull, &ids.list[i], arena, &job, fault);
        if (!failed && job.document)
            wordmap_put(back->had, view_of(job.document), 1);
    }
    arena_destroy(&names);
    arena_destroy(&arena);
    return failed;
}

int queues_back(queues_t *queues, fault_t *fault)
{
    bull_census_t census;
    if (!queues->pickup || !pickup_is_back(queues->pickup))
        return fault_set(fault, FAULT_INPUT,
                         "the old queue is given its jobs back after a rollback (yogi migrate rollback), and there was "
                         "none");
    if (bull_look(&queues->bull, &census, fault) < 0)
        return -1;
    back_t back = {.queues = queues, .had = wordmap_new()};
    int failed = note_jobs(&back, fault);
    if (!failed)
        failed = pickup_waiting(queues->pickup, give, &back, fault);
    wordmap_destroy(&back.had);
    if (failed)
        return -1;
    if (queues->options->json)
        buf_format(queues->out, "{\"added\":%" PRId64 ",\"there\":%" PRId64 "}\n", back.added, back.there);
    queues_say(queues, "%s: %" PRId64 " documents that wait have a job there again, %" PRId64 " had one",
               queues->bull.shown, back.added, back.there);
    if (census.is_paused)
        queues_say(queues, "it is paused; yogi migrate queues resume lets its workers go on");
    return 0;
}
