/* form_writers: the writers behind form.h, one a file, and what they share. For proto/form*.c only. */
#ifndef YOGI_FORM_WRITERS_H
#define YOGI_FORM_WRITERS_H

#include "form.h"

int form_json(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault);

#endif
