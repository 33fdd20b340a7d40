/* vocabulary_table: what vocabulary/embed makes of the word files at build time; vocabulary.c alone reads it. Each list
 * is in the order of its first field by strcmp, so that it can be searched by halving. */
#ifndef YOGI_RULES_VOCABULARY_TABLE_H
#define YOGI_RULES_VOCABULARY_TABLE_H

#include <stddef.h>

/* One spelling. Sorted by form, then language, then entry. */
typedef struct {
    const char *form;        /* folded */
    unsigned short entry;    /* index into the section's names */
    unsigned short language; /* index into vocabulary_table_languages */
} vocabulary_form_t;

typedef struct {
    const char *name;
    const vocabulary_form_t *forms;
    size_t form_count;
    const unsigned short *starts; /* where the forms that begin with each byte start; 257, the last is form_count */
    const char *const *entries; /* first form of each, as the file has it */
    size_t entry_count;
    int words_most; /* words of the form that has the most */
} vocabulary_section_t;

extern const vocabulary_section_t vocabulary_table_sections[];
extern const size_t vocabulary_table_section_count;
extern const char *const vocabulary_table_words[]; /* every word of every form, folded */
extern const unsigned short vocabulary_table_word_starts[]; /* as a section's */
extern const size_t vocabulary_table_word_count;
extern const char *const vocabulary_table_languages[]; /* names of the files */
extern const size_t vocabulary_table_language_count;

#endif
