/* work: the tables of its messages; see work.h. */
#include "work.h"
#include "pack.h"

enum { TEXT_MOST = 1024, PARTS_MOST = 1000000 };

#define TEXT NULL, 0, TEXT_MOST

static const field_t ready_fields[] = {
    {"stage", FIELD_TEXT, offsetof(work_ready_t, stage), TEXT, FIELD_REQUIRED},
    {"wantsBytes", FIELD_BOOL, offsetof(work_ready_t, wants_bytes), NULL, 0, 0, 0},
    {"missing", FIELD_TEXT, offsetof(work_ready_t, missing), TEXT, FIELD_OMIT_EMPTY},
};
const schema_t work_ready_schema = SCHEMA(work_ready_t, "ready", ready_fields);

static const field_t job_fields[] = {
    {"attempt", FIELD_INT32, offsetof(work_job_t, attempt), NULL, 1, PARTS_MOST, FIELD_REQUIRED},
    {"host", FIELD_TEXT, offsetof(work_job_t, host), TEXT, FIELD_OMIT_EMPTY},
};
const schema_t work_job_schema = SCHEMA(work_job_t, "job", job_fields);

static const field_t progress_fields[] = {
    {"done", FIELD_INT32, offsetof(work_progress_t, done), NULL, 0, PARTS_MOST, 0},
    {"total", FIELD_INT32, offsetof(work_progress_t, total), NULL, 0, PARTS_MOST, 0},
};
const schema_t work_progress_schema = SCHEMA(work_progress_t, "progress", progress_fields);

static const field_t end_fields[] = {
    {"end", FIELD_TEXT, offsetof(work_end_t, end), TEXT, FIELD_REQUIRED},
    {"fault", FIELD_TEXT, offsetof(work_end_t, fault), TEXT, FIELD_OMIT_EMPTY},
    {"message", FIELD_TEXT, offsetof(work_end_t, message), TEXT, FIELD_OMIT_EMPTY},
    {"cpuUs", FIELD_INT, offsetof(work_end_t, cpu_us), NULL, 0, 1e15, 0},
};
const schema_t work_end_schema = SCHEMA(work_end_t, "end", end_fields);

int work_send(channel_t *channel, uint8_t type, const schema_t *schema, const void *message, int fd, fault_t *fault)
{
    buf_t packed = {0};
    pack_encode(schema, message, &packed);
    int sent = channel_send(channel, type, buf_string(&packed), packed.size, fd, fault);
    buf_free(&packed);
    return sent;
}
