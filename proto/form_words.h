/* form_words: what the writers of form_writers.h share: what a block or an outcome is called, its minutes, its looks.
 * For proto/form*.c only. Texts are made in the arena they are given. */
#ifndef YOGI_FORM_WORDS_H
#define YOGI_FORM_WORDS_H

#include "base/buf.h"
#include "dossier.h"

#include <stdbool.h>
#include <stdint.h>

/* Looks of text on a terminal. */
typedef enum {
    STYLE_PLAIN,
    STYLE_STRONG,  /* headings */
    STYLE_DIM,     /* what matters less */
    STYLE_GOOD,    /* green */
    STYLE_WARNING, /* yellow */
    STYLE_BAD,     /* red */
    STYLE_SUBJECT, /* the first of STYLE_SUBJECTS colours that tell names apart */
} form_style_t;
enum { STYLE_SUBJECTS = 8 };

/* Appends text in a style: SGR codes (ECMA-48) around it when colour is set. */
void form_paint(buf_t *out, bool colour, int style, const char *text);

/* A copy without control characters, direction overrides and malformed bytes, white space squeezed; NULL gives NULL. */
char *form_clean(arena_t *arena, const char *text);

/* Minutes since midnight of "HH:MM"; -1 for NULL and everything else. */
int form_minutes(const char *time);

/* True where the confidence is below the document's gate (0.90 where it sets none). */
bool form_uncertain(const dossier_t *dossier, const timeblock_t *block);

/* True where the page does not print that field. */
bool form_inferred(const timeblock_t *block, const char *field);

/* FNV-1a, 64 bits, of a text, folded: the same for "Maths" and "MATHS"; for colours that tell names apart. */
uint64_t form_hash(const char *text);

/* "Class 2EJ · Miss Joynes · Autumn 2 · 2024 · week A" from what the timetable has, cleaned; "" where it has nothing.
 * The school is not in it. */
char *form_caption(arena_t *arena, const timetable_t *timetable);

/* The outcome as one sentence: "completed, 97 % sure". */
char *form_outcome(arena_t *arena, const dossier_t *dossier);

/* "Monday 09:00 Maths" of the block with that id, or the id itself where there is none. */
char *form_block_words(arena_t *arena, const dossier_t *dossier, const char *id);

#endif
