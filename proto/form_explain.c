/* form_explain: for each block where its values came from, in words: the reasons of the interpreter, under the day's
 * heading. */
#include "base/text.h"
#include "form_words.h"
#include "form_writers.h"

#include <string.h>

enum { FIELD_COLUMNS = 7 }; /* of the longest word for a field */

/* A field's name for people. */
static const char *field_words(const char *field)
{
    static const char *const names[][2] = {{"startTime", "start"}, {"endTime", "end"}, {"day", "day"},
                                           {"name", "name"},       {"notes", "notes"}, {"week", "week"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i][0], field) == 0)
            return names[i][1];
    return field;
}

/* The value of a field, or NULL. */
static const char *field_value(const timeblock_t *block, const char *field)
{
    const struct {
        const char *name, *value;
    } values[] = {
        {"startTime", block->start_time}, {"endTime", block->end_time}, {"day", block->day}, {"week", block->week}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(values[i].name, field) == 0)
            return values[i].value;
    return NULL;
}

static void add_reason(arena_t *arena, const timeblock_t *block, const reason_t *reason, bool colour, buf_t *out)
{
    const char *field = reason->field ? reason->field : "", *words = form_clean(arena, field_words(field));
    const char *value = form_clean(arena, field_value(block, field)), *why = form_clean(arena, reason->why);
    buf_text(out, "      ");
    form_paint(out, colour, STYLE_DIM, words);
    buf_format(out, "%*s", FIELD_COLUMNS - (int)text_columns(words) > 0 ? FIELD_COLUMNS - (int)text_columns(words) : 1,
               "");
    if (value)
        buf_format(out, "%s: ", value);
    buf_text(out, why ? why : "");
    if (form_inferred(block, field))
        form_paint(out, colour, STYLE_WARNING, " (not printed on the page)");
    buf_char(out, '\n');
}

static void add_block(arena_t *arena, const dossier_t *dossier, const timeblock_t *block, bool colour, buf_t *out)
{
    const char *start = form_clean(arena, block->start_time), *end = form_clean(arena, block->end_time);
    const char *name = form_clean(arena, block->name);
    char *heading = arena_format(arena, "%s%s%s  ", start ? start : "no time", end ? "–" : "", end ? end : "");
    buf_text(out, "   ");
    form_paint(out, colour, STYLE_PLAIN, heading);
    form_paint(out, colour, STYLE_SUBJECT + (int)(form_hash(name ? name : "") % STYLE_SUBJECTS), name ? name : "?");
    char *sure = arena_format(arena, "  %.0f %%", block->confidence * 100);
    form_paint(out, colour, form_uncertain(dossier, block) ? STYLE_WARNING : STYLE_DIM, sure);
    buf_char(out, '\n');
    for (size_t i = 0; i < block->reasons.count; i++)
        add_reason(arena, block, LIST_AT(reason_t, block->reasons, i), colour, out);
    for (size_t i = 0; i < block->inferred.count; i++) { /* inferred, and no reason kept */
        const char *field = block->inferred.items[i];
        bool told = false;
        for (size_t k = 0; k < block->reasons.count; k++) {
            const reason_t *reason = LIST_AT(reason_t, block->reasons, k);
            told = told || (reason->field && strcmp(reason->field, field) == 0);
        }
        if (!told)
            add_reason(arena, block, &(reason_t){.field = field, .why = "worked out"}, colour, out);
    }
}

void form_explain(const dossier_t *dossier, const timetable_t *timetable, bool colour, buf_t *out)
{
    arena_t *arena = arena_new();
    const char *day = NULL;
    for (size_t i = 0; i < timetable->timeblocks.count; i++) {
        const timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, i);
        const char *own = block->day ? form_clean(arena, block->day) : "No day";
        if (!day || strcmp(day, own) != 0) {
            buf_text(out, "  ");
            form_paint(out, colour, STYLE_STRONG, own);
            buf_char(out, '\n');
        }
        day = own;
        add_block(arena, dossier, block, colour, out);
    }
    arena_destroy(&arena);
}
