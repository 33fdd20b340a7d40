/* names: what the files of `--out DIR` are called: the document's name with the form's extension. */
#ifndef YOGI_DEPLOY_NAMES_H
#define YOGI_DEPLOY_NAMES_H

#include "inputs.h"

/* One name for each input, all different whatever the case of letters: the second "week" becomes "week-2". The same
 * inputs give the same names. From the arena. */
const char **names_make(const inputs_t *inputs, const char *extension, arena_t *arena);

#endif
