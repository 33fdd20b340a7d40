/* headlexicon: what the words of headings may be, label, season, title …, as HEAD_* bits of headword.h. */
#ifndef YOGI_RULES_HEADLEXICON_H
#define YOGI_RULES_HEADLEXICON_H

/* What a folded word or label of several words may be; 0 where it is unknown. */
unsigned headlexicon_find(const char *plain);

/* What the label is that a word with a colon was misread from: one letter differs, of five or more; 0 where there is
 * none. */
unsigned headlexicon_nearest(const char *plain);

#endif
