/* form_csv: a line a block, for spreadsheets. RFC 4180: CRLF, a header line, quotes where a cell needs them.
 *
 * A cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or a carriage return, also after
 * white space) gets an apostrophe before it, as OWASP's "CSV Injection" advises: what a page prints must not run on the
 * machine of the one who opens the file. A program that reads the CSV takes one leading apostrophe off.
 */
#include "form_words.h"
#include "form_writers.h"

#include <string.h>

static void add_text(buf_t *out, const char *text)
{
    if (!text)
        return;
    const char *first = text + strspn(text, " ");
    const char *guard = *first && strchr("=+-@\t\r", *first) ? "'" : "";
    if (!strpbrk(text, ",\"\r\n")) {
        buf_text(out, guard);
        buf_text(out, text);
        return;
    }
    buf_char(out, '"');
    buf_text(out, guard);
    for (; *text; text++) {
        if (*text == '"')
            buf_char(out, '"');
        buf_char(out, *text);
    }
    buf_char(out, '"');
}

/* One cell of text from outside and the comma behind it. */
static void add_cell(buf_t *out, arena_t *arena, const char *text)
{
    add_text(out, form_clean(arena, text));
    buf_char(out, ',');
}

static void add_row(buf_t *out, arena_t *arena, const dossier_t *dossier, size_t index, const timeblock_t *block)
{
    const timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, index);
    add_cell(out, arena, dossier->document.filename);
    buf_format(out, "%zu,", index + 1);
    add_cell(out, arena, timetable->class_name);
    add_cell(out, arena, timetable->teacher);
    add_cell(out, arena, timetable->term);
    if (timetable->year)
        buf_format(out, "%d", (int)timetable->year);
    buf_char(out, ',');
    add_cell(out, arena, block->week ? block->week : timetable->week);
    add_cell(out, arena, block->day);
    add_cell(out, arena, block->start_time);
    add_cell(out, arena, block->end_time);
    add_cell(out, arena, block->name);
    add_cell(out, arena, block->notes);
    for (size_t i = 0; i < block->inferred.count; i++)
        buf_format(out, "%s%s", i ? " " : "", form_clean(arena, block->inferred.items[i]));
    buf_format(out, ",%.2f,%d,%d,%d,%d,%d\r\n", block->confidence, (int)block->page, (int)block->box.x,
               (int)block->box.y, (int)block->box.w, (int)block->box.h);
}

int form_csv(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault)
{
    (void)fault;
    arena_t *arena = arena_new();
    if (!options->continued)
        buf_text(out, "document,timetable,className,teacher,term,year,week,day,startTime,endTime,name,notes,inferred,"
                      "confidence,page,x,y,w,h\r\n");
    for (size_t t = 0; t < dossier->timetables.count; t++) {
        const timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, t);
        for (size_t b = 0; b < timetable->timeblocks.count; b++)
            add_row(out, arena, dossier, t, LIST_AT(timeblock_t, timetable->timeblocks, b));
    }
    arena_destroy(&arena);
    return 0;
}
