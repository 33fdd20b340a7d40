/* vocabulary_table: the table that the build makes of vocabulary/ (one file a language) (compile/compile.c); see vocabulary.h. */
#ifndef YOGI_RULES_VOCABULARY_TABLE_H
#define YOGI_RULES_VOCABULARY_TABLE_H

typedef struct {
    const char *section, *folded, *name; /* folded by text_plain; the entry's first form */
    int entry, language;                 /* language: index of the file, 0 is English */
} vocabulary_form_t;

/* By section, then folded form, then language. */
extern const vocabulary_form_t vocabulary_forms[];
extern const int vocabulary_count;

#endif
