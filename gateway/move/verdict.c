/* verdict: see verdict.h. */
#include "verdict.h"
#include "proto/base/folders.h"
#include "proto/base/markup.h"
#include "proto/base/output.h"
#include "proto/base/text.h"
#include "proto/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Findings that are shown on a terminal. */
enum { WORDS_MOST = 20 };

void verdict_free(verdict_t *verdict)
{
    buf_free(&verdict->findings);
    buf_free(&verdict->losses);
}

void verdict_find(verdict_t *verdict, const char *format, ...)
{
    char line[512];
    va_list arguments;
    if (verdict->finding_count++ >= VERDICT_FINDINGS_MOST)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    text_neuter(line);
    buf_format(&verdict->findings, "%s\n", line);
}

bool verdict_good(const verdict_t *verdict)
{
    return !verdict->differing && !verdict->orphans && !verdict->unsound && !verdict->files_bad;
}

/* ---- lines of a text, one by one ---- */

typedef void line_fn(const char *line, bool first, buf_t *out);

static void first_lines(const buf_t *text, size_t most, line_fn *write, buf_t *out)
{
    const char *at = buf_string(text);
    for (bool first = true; *at && most--; first = false) {
        char line[600];
        size_t size = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)(size < sizeof line ? size : sizeof line - 1), at);
        write(line, first, out);
        at += size + (at[size] == '\n');
    }
}

static void each_line(const buf_t *text, line_fn *write, buf_t *out)
{
    first_lines(text, SIZE_MAX, write, out);
}

/* ---- JSON ---- */

static void name_text(const char *name, const char *text, buf_t *out)
{
    buf_format(out, "\"%s\":", name);
    json_text(text ? text : "", out);
}

static void json_line(const char *line, bool first, buf_t *out)
{
    buf_text(out, first ? "" : ",");
    json_text(line, out);
}

static void json_table(const rows_table_t *seen, buf_t *out)
{
    const merge_count_t *count = &seen->count;
    buf_text(out, "{");
    name_text("table", seen->table->name, out);
    buf_format(out,
               ",\"source\":{\"rows\":%lld,\"sha256\":\"%s\"},\"target\":{\"rows\":%lld,\"sha256\":\"%s\"},\"missing\":"
               "%lld,\"changed\":%lld,\"extra\":%lld,\"columns\":[",
               (long long)count->source, seen->source_hash, (long long)count->target, seen->target_hash,
               (long long)count->added, (long long)count->changed, (long long)count->gone);
    for (size_t i = 0; i < seen->columns.count; i++)
        json_line(seen->columns.column[i]->name, i == 0, out);
    buf_text(out, "]}");
}

void verdict_json(const verdict_t *v, buf_t *out)
{
    buf_text(out, "{");
    name_text("at", v->at, out);
    buf_format(out, ",\"ms\":%lld,\"same\":%s,\"source\":{", (long long)v->ms, verdict_good(v) ? "true" : "false");
    name_text("store", v->source, out);
    buf_char(out, ',');
    name_text("files", v->source_files, out);
    buf_text(out, "},\"target\":{");
    name_text("store", v->target, out);
    buf_char(out, ',');
    name_text("files", v->target_files, out);
    buf_text(out, "},\"tables\":[");
    for (size_t i = 0; i < v->rows.count; i++) {
        buf_text(out, i ? "," : "");
        json_table(&v->rows.table[i], out);
    }
    buf_format(
        out,
        "],\"orphans\":%lld,\"setAside\":{\"rows\":%lld,\"values\":%lld},\"files\":{\"all\":%lld,\"checked\":%lld,"
        "\"bad\":%lld,\"missing\":%lld},\"rollback\":{\"lossless\":%s,\"why\":[",
        (long long)v->orphans, (long long)v->aside_rows, (long long)v->aside_values, (long long)v->files,
        (long long)v->files_checked, (long long)v->files_bad, (long long)v->files_missing,
        v->losses.size ? "false" : "true");
    each_line(&v->losses, json_line, out);
    buf_format(out, "]},\"findings\":[");
    each_line(&v->findings, json_line, out);
    buf_format(out, "],\"findingsInAll\":%zu}\n", v->finding_count);
}

/* ---- a page ---- */

static void html_line(const char *line, bool first, buf_t *out)
{
    (void)first;
    buf_text(out, "<li>");
    markup_text(line, out);
    buf_text(out, "</li>\n");
}

static void html_table(const rows_table_t *seen, buf_t *out)
{
    const merge_count_t *count = &seen->count;
    bool same = !count->added && !count->changed && !count->gone;
    buf_format(
        out,
        "<tr%s><th scope=\"row\">%s</th><td>%lld</td><td>%lld</td><td>%lld</td><td>%lld</td><td>%lld</td><td><code>"
        "%.12s</code></td><td><code>%.12s</code></td></tr>\n",
        same ? "" : " class=\"bad\"", seen->table->name, (long long)count->source, (long long)count->target,
        (long long)count->added, (long long)count->changed, (long long)count->gone, seen->source_hash,
        seen->target_hash);
}

static const char page_head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>yogi migrate verify</title>\n<meta "
    "name=\"viewport\" content=\"width=device-width\">\n<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;"
    "margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;text-align:"
    "right;border-bottom:1px solid #ccc}th:first-child{text-align:left}.good{background:#e3f4e3;padding:1rem}.bad{"
    "background:#fbe3e3}p.bad{padding:1rem}</style></head><body>\n<h1>Are both sides the same?</h1>\n";

static void page_places(const verdict_t *v, buf_t *out)
{
    const char *const said[] = {"From ",   v->source, ", files in ", v->source_files,
                                "<br>to ", v->target, ", files in ", v->target_files};
    buf_text(out, "<p>");
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (i % 2)
            markup_text(said[i] ? said[i] : "", out);
        else
            buf_text(out, said[i]);
    buf_format(out, "<br>looked at %s, in %lld ms</p>\n", v->at, (long long)v->ms);
}

void verdict_page(const verdict_t *v, buf_t *out)
{
    bool good = verdict_good(v);
    buf_text(out, page_head);
    buf_format(out, "<p class=\"%s\"><strong>%s</strong> %lld rows were compared, %lld of %lld files were read.</p>\n",
               good ? "good" : "bad", good ? "Yes." : "No.", (long long)v->rows.rows, (long long)v->files_checked,
               (long long)v->files);
    page_places(v, out);
    buf_text(
        out,
        "<h2>Rows</h2>\n<table><thead><tr><th scope=\"col\">table</th><th scope=\"col\">source</th><th "
        "scope=\"col\">target</th><th scope=\"col\">missing</th><th scope=\"col\">changed</th><th "
        "scope=\"col\">extra</th><th scope=\"col\">hash of source</th><th scope=\"col\">of target</th></tr></thead>"
        "<tbody>\n");
    for (size_t i = 0; i < v->rows.count; i++)
        html_table(&v->rows.table[i], out);
    buf_format(
        out,
        "</tbody></table>\n<p>%lld rows refer to what is not there. Set aside: %lld rows, %lld values.</p>\n"
        "<h2>Files</h2>\n<p>%lld files, %lld read on both sides, %lld of them not as they should be; %lld missing "
        "in the source.</p>\n<h2>Going back</h2>\n",
        (long long)v->orphans, (long long)v->aside_rows, (long long)v->aside_values, (long long)v->files,
        (long long)v->files_checked, (long long)v->files_bad, (long long)v->files_missing);
    buf_text(out, v->losses.size ? "<p class=\"bad\">A rollback would lose:</p>\n<ul>\n"
                                 : "<p class=\"good\">A rollback would lose nothing.</p>\n<ul>\n");
    each_line(&v->losses, html_line, out);
    buf_format(out, "</ul>\n<h2>Findings</h2>\n<p>%zu in all%s</p>\n<ul>\n", v->finding_count,
               v->finding_count > VERDICT_FINDINGS_MOST ? "; the first ones:" : "");
    each_line(&v->findings, html_line, out);
    buf_text(out, "</ul>\n</body></html>\n");
}

/* ---- words ---- */

static void word_line(const char *line, bool first, buf_t *out)
{
    (void)first;
    buf_format(out, "  %s\n", line);
}

void verdict_words(const verdict_t *v, buf_t *out)
{
    for (size_t i = 0; i < v->rows.count; i++) {
        const rows_table_t *seen = &v->rows.table[i];
        const merge_count_t *count = &seen->count;
        if (count->source || count->target)
            buf_format(out, "%-20s %9lld rows, %lld in the target; %lld missing, %lld changed, %lld extra\n",
                       seen->table->name, (long long)count->source, (long long)count->target, (long long)count->added,
                       (long long)count->changed, (long long)count->gone);
    }
    buf_format(out, "%-20s %9lld, %lld read on both sides, %lld not as they should be\n", "files", (long long)v->files,
               (long long)v->files_checked, (long long)v->files_bad);
    if (v->aside_rows || v->aside_values)
        buf_format(out, "set aside: %lld rows, %lld values\n", (long long)v->aside_rows, (long long)v->aside_values);
    first_lines(&v->findings, WORDS_MOST, word_line, out);
    if (v->finding_count > WORDS_MOST)
        buf_format(out, "  … %zu in all; the report has more\n", v->finding_count);
    buf_text(out, verdict_good(v) ? "both sides are the same\n" : "the sides differ\n");
    buf_text(out, v->losses.size ? "a rollback would lose:\n" : "a rollback would lose nothing\n");
    each_line(&v->losses, word_line, out);
}

static int save(const char *folder, const char *name, const buf_t *text, fault_t *fault)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool good = fd >= 0 && output_all(fd, text->bytes, text->size) == 0;
    int number = errno;
    if (fd >= 0)
        close(fd);
    return good ? 0 : fault_set(fault, FAULT_OUTPUT, "%s cannot be written: %s", path, strerror(number));
}

int verdict_may_save(const char *folder, fault_t *fault)
{
    if (folders_make(folder) == 0 && access(folder, W_OK | X_OK) == 0)
        return 0;
    return fault_set(fault, FAULT_OUTPUT, "no report can be written into %s: %s; name another folder in --report",
                     folder, strerror(errno));
}

int verdict_save(const verdict_t *verdict, const char *folder, fault_t *fault)
{
    buf_t json = {0}, page = {0};
    verdict_json(verdict, &json);
    verdict_page(verdict, &page);
    int failed =
        save(folder, "report.json", &json, fault) < 0 || save(folder, "report.html", &page, fault) < 0 ? -1 : 0;
    buf_free(&json);
    buf_free(&page);
    return failed;
}
