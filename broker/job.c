/* job: see job.h. Jobs lie in chunks that never move; free ones are chained. Ids are found by a chained hash whose
 * buckets double. */
#include "job.h"
#include "proto/base/chance.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256, BUCKETS_FIRST = 64 };

struct job_table {
    job_t **chunks;        /* of CHUNK jobs each */
    uint32_t chunk_count;  /* chunks */
    uint32_t count;        /* jobs that live */
    uint32_t made;         /* numbers given out so far, free ones too */
    uint32_t free;         /* first free job, chained through `chain` */
    uint32_t *buckets;     /* first job of each hash */
    uint32_t bucket_count; /* a power of two */
    uint64_t seed;         /* of the hash */
};

job_table_t *job_table_new(uint64_t seed)
{
    job_table_t *table = memory_new(1, sizeof *table);
    table->seed = seed;
    table->free = JOB_NONE;
    table->bucket_count = BUCKETS_FIRST;
    table->buckets = memory_grow(NULL, BUCKETS_FIRST, sizeof *table->buckets);
    memset(table->buckets, 0xFF, BUCKETS_FIRST * sizeof *table->buckets);
    return table;
}

void job_table_destroy(job_table_t **table)
{
    if (!table || !*table)
        return;
    for (uint32_t i = 0; i < (*table)->chunk_count; i++)
        free((*table)->chunks[i]);
    free((*table)->chunks);
    free((*table)->buckets);
    free(*table);
    *table = NULL;
}

static uint32_t *bucket_of(const job_table_t *table, ident_t id)
{
    return &table->buckets[chance_mix(id.high ^ chance_mix(id.low ^ table->seed)) & (table->bucket_count - 1)];
}

job_t *job_at(const job_table_t *table, uint32_t number)
{
    assert(number < table->made);
    return &table->chunks[number / CHUNK][number % CHUNK];
}

static void widen(job_table_t *table)
{
    table->bucket_count *= 2;
    table->buckets = memory_grow(table->buckets, table->bucket_count, sizeof *table->buckets);
    memset(table->buckets, 0xFF, table->bucket_count * sizeof *table->buckets);
    for (job_t *job = job_next(table, NULL); job; job = job_next(table, job)) {
        uint32_t *bucket = bucket_of(table, job->id);
        job->chain = *bucket;
        *bucket = job->number;
    }
}

static uint32_t take_number(job_table_t *table)
{
    if (table->free != JOB_NONE) {
        uint32_t number = table->free;
        table->free = job_at(table, number)->chain;
        return number;
    }
    if (table->made == table->chunk_count * CHUNK) {
        table->chunks = memory_grow(table->chunks, table->chunk_count + 1, sizeof(job_t *));
        table->chunks[table->chunk_count++] = memory_new(CHUNK, sizeof(job_t));
    }
    return table->made++;
}

job_t *job_add(job_table_t *table, ident_t id)
{
    if (table->count == table->bucket_count)
        widen(table);
    uint32_t number = take_number(table);
    job_t *job = job_at(table, number);
    *job =
        (job_t){.id = id, .number = number, .prev = JOB_NONE, .next = JOB_NONE, .owner = JOB_NONE, .server = JOB_NONE};
    job->owner_prev = job->owner_next = JOB_NONE;
    uint32_t *bucket = bucket_of(table, id);
    job->chain = *bucket;
    *bucket = number;
    table->count++;
    return job;
}

void job_remove(job_table_t *table, job_t *job)
{
    uint32_t *link = bucket_of(table, job->id);
    while (*link != job->number)
        link = &job_at(table, *link)->chain;
    *link = job->chain;
    job->id = (ident_t){0};
    job->chain = table->free;
    table->free = job->number;
    table->count--;
}

job_t *job_find(const job_table_t *table, ident_t id)
{
    for (uint32_t number = *bucket_of(table, id); number != JOB_NONE;) {
        job_t *job = job_at(table, number);
        if (ident_equal(job->id, id))
            return job;
        number = job->chain;
    }
    return NULL;
}

uint32_t job_count(const job_table_t *table)
{
    return table->count;
}

job_t *job_next(const job_table_t *table, const job_t *job)
{
    for (uint32_t number = job ? job->number + 1 : 0; number < table->made; number++) {
        job_t *next = job_at(table, number);
        if (!ident_none(next->id))
            return next;
    }
    return NULL;
}

bool job_may_become(job_state_t from, job_state_t to)
{
#define TO(state) (1u << JOB_##state)
    static const uint8_t edges[JOB_STATES] = {
        [JOB_NEW] = TO(QUEUED) | TO(DELAYED) | TO(OFFERED),
        [JOB_QUEUED] = TO(RUNNING) | TO(DELAYED) | TO(ENDED),
        [JOB_DELAYED] = TO(QUEUED) | TO(RUNNING) | TO(ENDED),
        [JOB_RUNNING] = TO(QUEUED) | TO(DELAYED) | TO(HELD) | TO(OFFERED) | TO(ENDED),
        [JOB_HELD] = TO(QUEUED) | TO(ENDED),
        [JOB_OFFERED] = TO(RUNNING),
    };
#undef TO
    return edges[from] >> to & 1;
}

const char *job_state_name(job_state_t state)
{
    static const char *const names[JOB_STATES] = {"new", "queued", "delayed", "running", "held", "offered", "ended"};
    return names[state];
}

job_list_t job_list_empty(void)
{
    return (job_list_t){JOB_NONE, JOB_NONE, 0};
}

void job_list_append(job_table_t *table, job_list_t *list, job_t *job)
{
    job->prev = list->last;
    job->next = JOB_NONE;
    if (list->last != JOB_NONE)
        job_at(table, list->last)->next = job->number;
    else
        list->first = job->number;
    list->last = job->number;
    list->count++;
}

void job_list_remove(job_table_t *table, job_list_t *list, job_t *job)
{
    assert(list->count > 0);
    if (job->prev != JOB_NONE)
        job_at(table, job->prev)->next = job->next;
    else
        list->first = job->next;
    if (job->next != JOB_NONE)
        job_at(table, job->next)->prev = job->prev;
    else
        list->last = job->prev;
    job->prev = job->next = JOB_NONE;
    list->count--;
}
