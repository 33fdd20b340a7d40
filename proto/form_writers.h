/* form_writers: the writers behind form.h, one a file. For proto/form*.c only. */
#ifndef YOGI_FORM_WRITERS_H
#define YOGI_FORM_WRITERS_H

#include "form.h"

/* The writers; as form_write, but on -1 they may leave something in out. */
int form_table(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault);
int form_json(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault);
int form_csv(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault);
int form_ics(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault);
int form_html(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault);

/* form_check's part for ics. */
int form_ics_check(const form_options_t *options, fault_t *fault);

/* The explanation of every block of a timetable, by day, as indented lines. */
void form_explain(const dossier_t *dossier, const timetable_t *timetable, bool colour, buf_t *out);

#endif
