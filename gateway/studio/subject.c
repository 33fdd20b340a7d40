/* subject: see subject.h. */
#include "subject.h"

#include "printout.h"

#include <stdio.h>
#include <string.h>

/* Part of every print: raised when the stage render draws the same things in another way, so that nobody is shown what
 * an older version drew. */
enum { LOOK = 1 };

static void add_text(hash_t *hash, const char *text)
{
    hash_add(hash, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void make_print(subject_t *subject)
{
    hash_t hash;
    char number[64];
    hash_begin(&hash);
    snprintf(number, sizeof number, "%d %lld %u", LOOK, (long long)subject->place.page, subject->place.layers);
    add_text(&hash, number);
    add_text(&hash, subject->document.sha256);
    add_text(&hash, subject->picture.run);
    for (size_t i = 0; i < subject->timetables.count; i++) {
        const timetable_row_t *row = &subject->timetables.rows[i];
        snprintf(number, sizeof number, "%lld", (long long)row->version);
        add_text(&hash, row->id);
        add_text(&hash, number);
    }
    hash_hex(&hash, subject->print);
}

int subject_look(session_t *session, subject_t *subject, fault_t *fault)
{
    const picture_place_t *place = &subject->place;
    subject->read = VERDICT_NOT_FOUND;
    subject->timetables = (timetable_list_t){0};
    if (documents_get(session, place->tenant, place->document, subject->arena, &subject->document, &subject->found,
                      fault) < 0)
        return -1;
    if (subject->found != VERDICT_DONE)
        return 0;
    if (pictures_get(session, place, subject->arena, &subject->picture, &subject->read, fault) < 0 ||
        timetables_of(session, place->tenant, place->document, subject->arena, &subject->timetables, fault) < 0)
        return -1;
    subject->timetables.count = printout_count(&subject->timetables);
    if (subject->read == VERDICT_DONE)
        make_print(subject);
    return 0;
}

bool subject_is_drawn(const subject_t *subject)
{
    return subject->read == VERDICT_DONE && subject->picture.print &&
           strcmp(subject->picture.print, subject->print) == 0;
}
