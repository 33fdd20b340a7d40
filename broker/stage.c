/* stage: see stage.h. */
#include "stage.h"

void stage_queue(stage_t *stage, job_table_t *jobs, job_t *job)
{
    uint64_t turn = job->tag & ((UINT64_C(1) << STAGE_TURN_BITS) - 1);
    heap_add(&stage->queue, (uint64_t)job->priority << STAGE_TURN_BITS | turn, job->order, job->number);
    job_list_append(jobs, &stage->waiting, job);
}

void stage_unqueue(stage_t *stage, job_table_t *jobs, job_t *job)
{
    heap_remove(&stage->queue, job->number);
    job_list_remove(jobs, &stage->waiting, job);
}

void stage_server_gone(stage_t *stage, server_t *server)
{
    if (!server->free_next)
        return;
    if (server->free_next == server) {
        stage->free = NULL;
    } else {
        server->free_prev->free_next = server->free_next;
        server->free_next->free_prev = server->free_prev;
        if (stage->free == server)
            stage->free = server->free_next;
    }
    server->free_prev = server->free_next = NULL;
}

void stage_server_changed(stage_t *stage, server_t *server)
{
    bool has_room = server->jobs.count < server->slots && !server->full;
    if (!has_room) {
        stage_server_gone(stage, server);
    } else if (!server->free_next) {
        if (!stage->free) {
            stage->free = server->free_prev = server->free_next = server;
            return;
        }
        server->free_next = stage->free; /* last in turn */
        server->free_prev = stage->free->free_prev;
        server->free_prev->free_next = server->free_next->free_prev = server;
    }
}
