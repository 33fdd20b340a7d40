/* show: see show.h. */
#include "show.h"

#include "proto/base/clock.h"
#include "proto/json.h"

#include <math.h>

void show_text(const char *text, buf_t *out)
{
    if (text)
        json_text(text, out);
    else
        buf_text(out, "null");
}

void show_time(int64_t wall_ms, buf_t *out)
{
    char text[32];
    if (wall_ms)
        buf_format(out, "\"%s\"", clock_format(wall_ms, text));
    else
        buf_text(out, "null");
}

void show_share(double value, buf_t *out)
{
    if (isnan(value))
        buf_text(out, "null");
    else
        buf_format(out, "%.4g", value);
}

/* "name":TEXT, */
static void add_text(buf_t *out, const char *name, const char *text)
{
    buf_format(out, "\"%s\":", name);
    show_text(text, out);
    buf_char(out, ',');
}

void show_document(const document_row_t *row, buf_t *out)
{
    buf_char(out, '{');
    add_text(out, "id", row->id);
    add_text(out, "filename", row->filename);
    add_text(out, "file_path", row->file_path);
    add_text(out, "file_type", row->file_type);
    buf_text(out, "\"file_size\":");
    if (row->file_size < 0)
        buf_text(out, "null,");
    else
        buf_format(out, "%lld,", (long long)row->file_size);
    add_text(out, "status", state_name(row->status));
    buf_text(out, "\"created_at\":");
    show_time(row->created_ms, out);
    buf_text(out, ",\"updated_at\":");
    show_time(row->updated_ms, out);
    buf_char(out, ',');
    add_text(out, "sha256", row->sha256);
    add_text(out, "name", row->name);
    add_text(out, "teacher_name", row->teacher_name);
    add_text(out, "class_name", row->class_name);
    add_text(out, "reused_from", row->reused_from);
    buf_text(out, "\"confidence\":");
    show_share(row->confidence, out);
    buf_format(out, ",\"pages\":%lld,", (long long)row->pages);
    add_text(out, "error", row->error);
    buf_text(out, "\"error_message\":");
    show_text(row->error_message, out);
    buf_char(out, '}');
}

void show_timetable(const timetable_row_t *row, buf_t *out)
{
    buf_char(out, '{');
    add_text(out, "id", row->id);
    add_text(out, "document_id", row->document);
    add_text(out, "teacher_name", row->teacher_name);
    add_text(out, "class_name", row->class_name);
    add_text(out, "term", row->term);
    add_text(out, "school", row->school);
    add_text(out, "week", row->week);
    if (row->year)
        buf_format(out, "\"year\":%lld,", (long long)row->year);
    else
        buf_text(out, "\"year\":null,");
    add_text(out, "saved_name", row->saved_name);
    buf_format(out, "\"timeblocks\":%s,\"confidence\":", row->timeblocks ? row->timeblocks : "[]");
    show_share(row->confidence, out);
    buf_format(out, ",\"validated\":%s,\"version\":%lld,\"created_at\":", row->validated ? "true" : "false",
               (long long)row->version);
    show_time(row->created_ms, out);
    buf_text(out, ",\"updated_at\":");
    show_time(row->updated_ms, out);
    buf_char(out, '}');
}

void show_stage(const stage_row_t *row, buf_t *out)
{
    buf_char(out, '{');
    add_text(out, "run", row->run);
    add_text(out, "stage", row->stage);
    add_text(out, "status", row->status);
    buf_text(out, "\"confidence\":");
    show_share(row->confidence, out);
    buf_text(out, ",\"message\":");
    show_text(row->message, out);
    buf_format(out, ",\"attempt\":%lld,\"recorded_at\":", (long long)row->attempt);
    show_time(row->recorded_ms, out);
    buf_format(out, ",\"result\":%s}", row->result ? row->result : "null");
}
