/* form_words: see form_words.h. */
#include "form_words.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

/* Where a dossier says no gate. */
static const double gate_default = 0.90;

void form_paint(buf_t *out, bool colour, int style, const char *text)
{
    /* the subjects' colours are of the 256 (xterm), chosen to be read on black and on white */
    static const char *const codes[] = {"",        "1",        "2",        "32",      "33",
                                        "31",      "38;5;33",  "38;5;133", "38;5;65", "38;5;166",
                                        "38;5;31", "38;5;168", "38;5;62",  "38;5;136"};
    static_assert(sizeof codes / sizeof *codes == STYLE_SUBJECT + STYLE_SUBJECTS, "a code for each style");
    assert(style >= 0 && style < STYLE_SUBJECT + STYLE_SUBJECTS);
    if (!colour || style == STYLE_PLAIN || !*text)
        buf_text(out, text);
    else
        buf_format(out, "\033[%sm%s\033[0m", codes[style], text);
}

char *form_clean(arena_t *arena, const char *text)
{
    if (!text)
        return NULL;
    char *clean = arena_text(arena, text);
    text_neuter(clean);
    return text_squeeze(clean);
}

int form_minutes(const char *time)
{
    if (!time || strlen(time) != 5 || time[2] != ':')
        return -1;
    for (int i = 0; i < 5; i++)
        if (i != 2 && !text_is_digit((unsigned char)time[i]))
            return -1;
    int hours = (time[0] - '0') * 10 + time[1] - '0', minutes = (time[3] - '0') * 10 + time[4] - '0';
    return hours < 24 && minutes < 60 ? hours * 60 + minutes : -1;
}

bool form_uncertain(const dossier_t *dossier, const timeblock_t *block)
{
    return block->confidence < (dossier->options.gate > 0 ? dossier->options.gate : gate_default);
}

bool form_inferred(const timeblock_t *block, const char *field)
{
    for (size_t i = 0; i < block->inferred.count; i++)
        if (strcmp(block->inferred.items[i], field) == 0)
            return true;
    return false;
}

uint64_t form_hash(const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (uint32_t c; (c = text_next(&text));) {
        if (text_is_space(c))
            continue;
        hash = (hash ^ text_lower(c)) * 1099511628211u;
    }
    return hash ^ hash >> 29; /* FNV's low bits alone are weak */
}

static void add_part(buf_t *out, const char *before, const char *text)
{
    if (!text || !*text)
        return;
    if (out->size)
        buf_text(out, " · ");
    buf_text(out, before);
    buf_text(out, text);
}

char *form_caption(arena_t *arena, const timetable_t *timetable)
{
    buf_t out = {0};
    add_part(&out, "Class ", form_clean(arena, timetable->class_name));
    add_part(&out, "", form_clean(arena, timetable->teacher));
    add_part(&out, "", form_clean(arena, timetable->term));
    if (timetable->year)
        add_part(&out, "", arena_format(arena, "%d", (int)timetable->year));
    add_part(&out, "Week ", form_clean(arena, timetable->week));
    char *caption = arena_text(arena, buf_string(&out));
    buf_free(&out);
    return caption;
}

char *form_outcome(arena_t *arena, const dossier_t *dossier)
{
    const outcome_t *outcome = &dossier->outcome;
    const char *status = outcome->status ? outcome->status : "not finished";
    char *words = form_clean(arena, status);
    for (char *c = words; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    if (!outcome->status)
        return words;
    if (strcmp(status, "failed") == 0)
        return arena_format(arena, "%s: %s", words,
                            outcome->message
                                ? form_clean(arena, outcome->message)
                                : fault_summary(fault_code_of(outcome->error ? outcome->error : "system")));
    if (outcome->message)
        return arena_format(arena, "%s, %.0f %% sure: %s", words, outcome->confidence * 100,
                            form_clean(arena, outcome->message));
    return arena_format(arena, "%s, %.0f %% sure", words, outcome->confidence * 100);
}

char *form_block_words(arena_t *arena, const dossier_t *dossier, const char *id)
{
    for (size_t t = 0; t < dossier->timetables.count; t++) {
        const timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, t);
        for (size_t b = 0; b < timetable->timeblocks.count; b++) {
            const timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, b);
            if (!block->id || strcmp(block->id, id) != 0)
                continue;
            const char *day = form_clean(arena, block->day), *start = form_clean(arena, block->start_time);
            const char *name = form_clean(arena, block->name);
            return arena_format(arena, "%s%s%s%s%s", day ? day : "", start ? " " : "", start ? start : "",
                                name ? " " : "", name ? name : "");
        }
    }
    return form_clean(arena, id);
}
