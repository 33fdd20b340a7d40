/* Whatever Redis answers when it is asked for a job of Bull: it is told why it cannot be carried over, or is a job
 * whose document has a name that the store takes, and whose numbers are within their ranges.
 */
#include "deploy/migrate/bull/bull_job.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

static void check(const bull_job_t *job)
{
    if (!job->why && (!job->document || !*job->document || strlen(job->document) > BULL_DOCUMENT_MOST))
        abort();
    if (!job->name || job->attempts < 1 || job->attempts > BULL_ATTEMPTS_MOST || job->made < 0 || job->priority < 0 ||
        job->added_ms < 0 || job->backoff_ms < 0 || bull_job_left(job) < 1 || bull_job_left(job) > job->attempts)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fault_t fault;
    const reply_t *reply;
    arena_t *arena = arena_new();
    reply_reader_t *reader = reply_reader_new();
    if (reply_feed(reader, data, size, &fault) == 0)
        while (reply_next(reader, &reply, &fault) > 0) {
            bull_job_t job = {.id = "7", .place = BULL_WAITING};
            bull_job_read(&job, reply, arena);
            check(&job);
        }
    reply_reader_destroy(&reader);
    arena_destroy(&arena);
    return 0;
}
