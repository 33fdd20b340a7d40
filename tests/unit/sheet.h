/* sheet: pages made by hand for the rooms of the rules engine: words with the look that is set, tables with lines, and
 * what was read of them as one line of text.
 */
#ifndef YOGI_TESTS_SHEET_H
#define YOGI_TESTS_SHEET_H

#include "check.h"

#include "actors/llm/rules/draft.h"
#include "actors/llm/rules/view.h"
#include "proto/dossier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* px: of the print, and of a cell around it. */
enum { SHEET_EM = 20, SHEET_BODY = 14, SHEET_LETTER = 9, SHEET_SPACE = 6, SHEET_LEAD = 22, SHEET_PAD = 8 };

typedef struct {
    dossier_t *dossier; /* owns everything */
    page_t page;
    int lines;         /* printed so far */
    double weight;     /* of the words that are added next */
    int colour, size;  /* likewise, px */
    double confidence; /* likewise */
    int tables;        /* drawn so far */
} sheet_t;

static inline sheet_t sheet_new(int width, int height)
{
    return (sheet_t){.dossier = dossier_new(),
                     .page = {.number = 1, .width = width, .height = height, .origin = "pdf"},
                     .size = SHEET_EM,
                     .confidence = 1};
}

static inline void sheet_destroy(sheet_t *sheet)
{
    dossier_destroy(&sheet->dossier);
}

static inline word_t *sheet_word(sheet_t *sheet, int cell, int x, int y, const char *text)
{
    word_t *word = list_push(sheet->dossier->arena, &sheet->page.words, sizeof *word);
    *word = (word_t){.text = text,
                     .box = {.x = x, .y = y, .w = SHEET_LETTER * (int)strlen(text), .h = SHEET_BODY},
                     .size = sheet->size,
                     .weight = sheet->weight,
                     .colour = sheet->colour,
                     .confidence = sheet->confidence,
                     .cell = cell,
                     .line = sheet->lines};
    return word;
}

/* Lines of print, parted by '\n', each from x on; returns the right edge of the longest. */
static inline int sheet_print(sheet_t *sheet, int cell, int x, int y, const char *text)
{
    char *rest = arena_text(sheet->dossier->arena, text), *line, *words;
    int right = x;
    while ((line = strsep(&rest, "\n"))) {
        int at = x;
        for (char *word = strtok_r(line, " ", &words); word; word = strtok_r(NULL, " ", &words)) {
            word_t *added = sheet_word(sheet, cell, at, y, word);
            right = added->box.x + added->box.w > right ? added->box.x + added->box.w : right;
            at += added->box.w + SHEET_SPACE;
        }
        y += SHEET_LEAD;
        sheet->lines++;
    }
    return right;
}

/* A drawn cell; returns its index. */
static inline int sheet_cell(sheet_t *sheet, int x, int y, int w, int h)
{
    cell_t *cell = list_push(sheet->dossier->arena, &sheet->page.cells, sizeof *cell);
    *cell = (cell_t){
        .box = {.x = x, .y = y, .w = w, .h = h}, .table = sheet->tables, .row_span = 1, .col_span = 1, .confidence = 1};
    return (int)sheet->page.cells.count - 1;
}

/* px of a table's columns and rows. */
typedef struct {
    int x, y, w, h; /* corner, and size of one cell */
    int columns;
} sheet_grid_t;

/* A table of drawn cells, row by row, NULL behind the last; "<" goes on from the cell to its left, "^" from the one
 * above. */
static inline void sheet_table(sheet_t *sheet, const sheet_grid_t *grid, const char *const *texts)
{
    int count = 0;
    while (texts[count])
        count++;
    for (int i = 0; i < count; i++) {
        int wide = 1, high = 1;
        if (strcmp(texts[i], "<") == 0 || strcmp(texts[i], "^") == 0)
            continue;
        while ((i + wide) % grid->columns && i + wide < count && strcmp(texts[i + wide], "<") == 0)
            wide++;
        while (i + high * grid->columns < count && strcmp(texts[i + high * grid->columns], "^") == 0)
            high++;
        int x = grid->x + i % grid->columns * grid->w, y = grid->y + i / grid->columns * grid->h;
        int cell = sheet_cell(sheet, x, y, wide * grid->w, high * grid->h);
        if (*texts[i])
            sheet_print(sheet, cell, x + SHEET_PAD, y + SHEET_PAD, texts[i]);
    }
    sheet->tables++;
}

/* The page as the engine sees it; borrows the sheet. */
static inline view_t sheet_view(const sheet_t *sheet)
{
    arena_t *arena = sheet->dossier->arena;
    view_t view = {.arena = arena, .page = &sheet->page, .phrases = phrases_of(arena, &sheet->page)};
    view.phrases = label_mend_upward(arena, &view.phrases);
    view.phrases = label_split_days(arena, &sheet->page, &view.phrases);
    view.labels = labels_of(arena, &sheet->page, &view.phrases);
    return view;
}

static inline void sheet_show_minute(char *out, size_t size, int minute)
{
    size_t used = strlen(out);
    if (minute < 0)
        snprintf(out + used, size - used, "?");
    else
        snprintf(out + used, size - used, "%d:%02d", minute / 60, minute % 60);
}

/* "Mon 9:00-10:00 Maths (Hall); …", by day and time. */
static inline const char *sheet_show(const sheet_t *sheet, drafts_t *drafts)
{
    enum { SIZE = 8192 };
    char *out = arena_take(sheet->dossier->arena, SIZE);
    *out = '\0';
    drafts_sort(drafts);
    for (size_t i = 0; i < drafts->count; i++) {
        const draft_t *d = &drafts->items[i];
        size_t used = strlen(out);
        snprintf(out + used, SIZE - used, "%s%.3s ", i ? "; " : "", daytext_name(d->day));
        sheet_show_minute(out, SIZE, d->start.minute);
        strncat(out, "-", SIZE - strlen(out) - 1);
        sheet_show_minute(out, SIZE, d->end.minute);
        used = strlen(out);
        snprintf(out + used, SIZE - used, d->notes ? " %s (%s)" : " %s", d->name, d->notes);
    }
    return out;
}

#endif
