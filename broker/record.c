/* record: see record.h. */
#include "record.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <stdlib.h>

record_t *record_new(job_t *job, record_kind_t kind)
{
    record_t *record = memory_new(1, sizeof *record), **link = &job->records;
    record->kind = (uint8_t)kind;
    record->job = job->number;
    record->stage = record->upcoming = RECORD_NO_STAGE;
    while (*link)
        link = &(*link)->sibling;
    *link = record;
    return record;
}

void record_destroy(job_t *job, record_t **record, blob_yard_t *yard)
{
    record_t *gone = *record, **link = &job->records;
    while (*link != gone)
        link = &(*link)->sibling;
    *link = gone->sibling;
    blob_drop(&gone->body, yard);
    blob_drop(&gone->attachment, yard);
    blob_drop(&gone->fault, yard);
    blob_drop(&gone->text, yard);
    free(gone);
    *record = NULL;
}

record_t *record_by_counter(const job_t *job, uint64_t counter)
{
    record_t *record = job->records;
    while (record && record->counter != counter)
        record = record->sibling;
    return record;
}

record_t *record_by_kind(const job_t *job, record_kind_t kind)
{
    record_t *record = job->records;
    while (record && record->kind != kind)
        record = record->sibling;
    return record;
}

uint32_t record_count(const job_t *job, record_kind_t kind)
{
    uint32_t count = 0;
    for (const record_t *record = job->records; record; record = record->sibling)
        count += record->kind == kind;
    return count;
}

void record_append(record_list_t *list, record_t *record)
{
    record->prev = list->last;
    record->next = NULL;
    if (list->last)
        list->last->next = record;
    else
        list->first = record;
    list->last = record;
    list->count++;
}

void record_unlink(record_list_t *list, record_t *record)
{
    assert(list->count > 0);
    if (record->prev)
        record->prev->next = record->next;
    else
        list->first = record->next;
    if (record->next)
        record->next->prev = record->prev;
    else
        list->last = record->prev;
    record->prev = record->next = NULL;
    list->count--;
}
