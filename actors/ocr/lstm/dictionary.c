/* dictionary: see dictionary.h. The rules are those of tesseract 5.3, Dict::def_letter_is_okay in src/dict/dict.cpp. */
#include "dictionary.h"

#include <string.h>

/* In patterns the place of a word, and in numbers that of a digit. */
enum { ANY = 0 };

static word_kind_t kind_of(int list)
{
    return list == LIST_WORDS ? WORD_KNOWN : WORD_NUMBER;
}

static bool there(const dawg_t *dawg)
{
    return dawg->count > 0;
}

static void add(positions_t *out, position_t position)
{
    for (int i = 0; i < out->count; i++) {
        const position_t *p = &out->items[i];
        if (p->edge == position.edge && p->punctuation == position.punctuation && p->list == position.list &&
            p->patterned == position.patterned && p->behind == position.behind)
            return;
    }
    if (out->count < POSITIONS_MOST)
        out->items[out->count++] = position;
}

void dictionary_begin(const dictionary_t *d, positions_t *out)
{
    *out = (positions_t){0};
    if (d->has_patterns)
        add(out, (position_t){DAWG_NONE, DAWG_NONE, LIST_NONE, true, false});
    bool within = d->has_patterns && dawg_next(&d->patterns, DAWG_NONE, ANY, true) != DAWG_NONE;
    for (int list = 0; list < LISTS && !within; list++)
        if (there(&d->lists[list]))
            add(out, (position_t){DAWG_NONE, DAWG_NONE, (int8_t)list, false, false});
}

/* A sign as a list has it. */
static int as_in(const dictionary_t *d, int list, int sign)
{
    return list == LIST_NUMBERS && charset_digit(d->charset, sign) ? ANY : sign;
}

/* What one step finds. */
typedef struct {
    const dictionary_t *dictionary;
    int sign;         /* the next one */
    bool last;        /* of the word */
    positions_t *out; /* where one is then */
    word_kind_t kind; /* the best so far */
    bool ends;        /* whether a word may end */
} step_t;

static void found(step_t *step, position_t position, word_kind_t kind, bool ends)
{
    add(step->out, position);
    step->kind = kind > step->kind ? kind : step->kind;
    step->ends |= ends;
}

/* In the punctuation before a word: a word begins, or the punctuation goes on. */
static void before_word(step_t *step, const position_t *at)
{
    const dictionary_t *d = step->dictionary;
    int opening = dawg_next(&d->patterns, at->punctuation, ANY, step->last);
    for (int list = 0; list < LISTS && opening != DAWG_NONE; list++) {
        int edge = there(&d->lists[list])
                       ? dawg_next(&d->lists[list], DAWG_NONE, as_in(d, list, step->sign), step->last)
                       : DAWG_NONE;
        if (edge != DAWG_NONE)
            found(step, (position_t){edge, opening, (int8_t)list, true, false}, kind_of(list),
                  dawg_ends(&d->lists[list], edge) && dawg_ends(&d->patterns, opening));
    }
    int edge = dawg_next(&d->patterns, at->punctuation, step->sign, step->last);
    if (edge != DAWG_NONE)
        found(step, (position_t){DAWG_NONE, edge, LIST_NONE, true, false}, WORD_PUNCTUATION,
              dawg_ends(&d->patterns, edge));
}

/* In a word or behind it: punctuation goes on behind a whole word, or the word goes on. */
static void in_word(step_t *step, const position_t *at)
{
    const dictionary_t *d = step->dictionary;
    const dawg_t *list = &d->lists[at->list];
    word_kind_t kind = kind_of(at->list);
    if (at->patterned && at->edge != DAWG_NONE && dawg_ends(list, at->edge)) {
        int edge = dawg_next(&d->patterns, at->punctuation, step->sign, step->last);
        if (edge != DAWG_NONE)
            found(step, (position_t){at->edge, edge, at->list, true, true}, kind, dawg_ends(&d->patterns, edge));
    }
    if (at->behind)
        return;
    int edge = dawg_next(list, at->edge, as_in(d, at->list, step->sign), step->last);
    bool whole = !at->patterned || dawg_ends(&d->patterns, at->punctuation);
    if (edge != DAWG_NONE && (whole || !step->last))
        found(step, (position_t){edge, at->punctuation, at->list, at->patterned, false}, kind,
              dawg_ends(list, edge) && whole);
}

word_kind_t dictionary_next(const dictionary_t *d, const positions_t *from, int sign, bool last, positions_t *out,
                            bool *ends)
{
    step_t step = {d, sign, last, out, WORD_NONE, false};
    *out = (positions_t){0};
    for (int i = 0; i < from->count && sign > ANY; i++) {
        if (from->items[i].list == LIST_NONE)
            before_word(&step, &from->items[i]);
        else
            in_word(&step, &from->items[i]);
    }
    *ends = step.ends;
    return step.kind;
}

/* Takes the next letter of a text; ligatures are written out. */
static int next_sign(const charset_t *charset, const char **text, const char **rest)
{
    static const char *const ligatures[][2] = {{"\xEF\xAC\x81", "fi"}, {"\xEF\xAC\x82", "fl"}};
    if (*rest && **rest)
        return charset_find(charset, rest);
    for (int i = 0; i < 2; i++)
        if (strncmp(*text, ligatures[i][0], 3) == 0) {
            *text += 3, *rest = ligatures[i][1];
            return charset_find(charset, rest);
        }
    return charset_find(charset, text);
}

bool dictionary_knows(const dictionary_t *d, const char *text)
{
    positions_t sets[2];
    const char *rest = NULL;
    word_kind_t kind = WORD_NONE;
    dictionary_begin(d, &sets[0]);
    for (int i = 0; *text || (rest && *rest); i++) {
        bool ends;
        int sign = next_sign(d->charset, &text, &rest);
        if (sign == CHARSET_NONE)
            return false;
        word_kind_t next =
            dictionary_next(d, &sets[i % 2], sign, !*text && !(rest && *rest), &sets[(i + 1) % 2], &ends);
        if (next == WORD_NONE)
            return false;
        kind = next == WORD_PUNCTUATION && kind != WORD_NONE ? kind : next; /* the word counts, not what is around it */
    }
    return kind == WORD_KNOWN;
}
