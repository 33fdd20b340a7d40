/* covered: see covered.h. */
#include "covered.h"

#include <stdbool.h>

/* Tests of a word against a block for one timetable: a page of a week takes 60 blocks * 300 words; beyond this, words
 * are sampled, so that a hostile document costs milliseconds. */
static const double TESTS_MOST = 4e6;

static bool holds(const box_t *box, const box_t *word)
{
    int x = word->x + word->w / 2, y = word->y + word->h / 2;
    return x >= box->x && x < box->x + box->w && y >= box->y && y < box->y + box->h;
}

static void widen(box_t *around, const box_t *box)
{
    if (!around->w) {
        *around = *box;
        return;
    }
    int right = around->x + around->w, bottom = around->y + around->h;
    around->x = box->x < around->x ? box->x : around->x;
    around->y = box->y < around->y ? box->y : around->y;
    around->w = (box->x + box->w > right ? box->x + box->w : right) - around->x;
    around->h = (box->y + box->h > bottom ? box->y + box->h : bottom) - around->y;
}

static bool is_in_block(const timetable_t *timetable, int page, const box_t *word)
{
    for (size_t b = 0; b < timetable->timeblocks.count; b++) {
        const timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, b);
        if (block->page == page && holds(&block->box, word))
            return true;
    }
    return false;
}

/* The rectangle around the timetable's blocks on a page; w 0 where there are none. */
static box_t around_blocks(const timetable_t *timetable, int page)
{
    box_t around = {.w = 0};
    for (size_t b = 0; b < timetable->timeblocks.count; b++) {
        const timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, b);
        if (block->page == page && block->box.w > 0 && block->box.h > 0)
            widen(&around, &block->box);
    }
    return around;
}

double covered_share(const dossier_t *dossier, const timetable_t *timetable)
{
    double inside = 0, covered = 0;
    for (size_t p = 0; p < dossier->pages.count; p++) {
        const page_t *page = LIST_AT(page_t, dossier->pages, p);
        box_t around = around_blocks(timetable, page->number);
        size_t step = 1 + (size_t)((double)page->words.count * (double)timetable->timeblocks.count / TESTS_MOST);
        for (size_t w = 0; around.w && w < page->words.count; w += step) {
            const box_t *word = &LIST_AT(word_t, page->words, w)->box;
            if (!holds(&around, word))
                continue;
            inside++;
            covered += is_in_block(timetable, page->number, word);
        }
    }
    return inside > 0 ? covered / inside : 1;
}
