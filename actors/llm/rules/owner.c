/* owner: see owner.h. */
#include "owner.h"
#include "headpart.h"
#include "proto/base/text.h"
#include "vocabulary.h"

#include <stdlib.h>
#include <string.h>

/* Longest name, in code points and bytes. */
enum { NAME_MOST = 20, NAME_BYTES = 4 * NAME_MOST };

/* Headings of columns that are looked at: a page of eight tables has 16. */
enum { HEADS_MOST = 64 };

/* "Class" or "Teacher" over or before others. */
typedef struct {
    const label_t *label;
    owner_t says;
} head_t;

struct owners {
    const view_t *view;
    owner_t *named; /* of each label, by its text */
    bool *may;      /* be one by its heading */
    head_t heads[HEADS_MOST];
    size_t head_count;
};

owner_t owner_of_text(const char *text)
{
    char line[NAME_BYTES + 1];
    headwords_t w;
    if (strlen(text) > NAME_BYTES)
        return OWNER_NONE;
    strcpy(line, text);
    w.text = text_squeeze(line);
    w.count = headword_split(w.text, w.words, HEADLINE_WORDS);
    if (!w.count)
        return OWNER_NONE;
    headpart_class_t class = headpart_class(&w, 0);
    if (class.kind != CLASS_NONE && class.next == w.count)
        return OWNER_CLASS;
    return headpart_person(&w, 0) == w.count ? OWNER_TEACHER : OWNER_NONE;
}

/* Whether a label may name an owner at all: a short text that means nothing else. */
static bool may_name(const label_t *label)
{
    static const char *const others[] = {"class", "teacher", "routine", "subject", "time", "period"};
    if (!label->whole || label->timed || label->day.only || text_length(label->text) > NAME_MOST)
        return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (vocabulary_find(others[i], label->text) >= 0)
            return false;
    return true;
}

owners_t *owners_of(const view_t *view)
{
    owners_t *o = arena_take(view->arena, sizeof *o);
    *o = (owners_t){.view = view};
    o->named = arena_array(view->arena, view->labels.count + 1, sizeof *o->named);
    o->may = arena_array(view->arena, view->labels.count + 1, sizeof *o->may);
    for (size_t i = 0; i < view->labels.count; i++) {
        const label_t *label = &view->labels.items[i];
        owner_t says = !label->whole                                  ? OWNER_NONE
                       : vocabulary_find("class", label->text) >= 0   ? OWNER_CLASS
                       : vocabulary_find("teacher", label->text) >= 0 ? OWNER_TEACHER
                                                                      : OWNER_NONE;
        if (says != OWNER_NONE && o->head_count < HEADS_MOST)
            o->heads[o->head_count++] = (head_t){label, says};
        o->may[i] = may_name(label);
        o->named[i] = o->may[i] ? owner_of_text(label->text) : OWNER_NONE;
    }
    return o;
}

/* Whether a heading stands in line with a label and before it. */
static bool is_over(const label_t *head, const label_t *label, lie_t lie)
{
    extent_t x = rect_t_axis(head->box, lie), y = rect_t_axis(label->box, lie);
    return extent_shared(x, y) * 10 >= 8 * extent_wider(x, y) &&
           extent_middle(rect_d_axis(head->box, lie)) < extent_middle(rect_d_axis(label->box, lie));
}

owner_t owner_at(const owners_t *owners, const label_t *label, lie_t lie)
{
    size_t i = (size_t)(label - owners->view->labels.items);
    if (!owners->may[i] || owners->named[i] != OWNER_NONE)
        return owners->named[i];
    for (size_t k = 0; k < owners->head_count; k++)
        if (is_over(owners->heads[k].label, label, lie))
            return owners->heads[k].says;
    return OWNER_NONE;
}
