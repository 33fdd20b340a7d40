/* form: a read document written for people and programs: a week drawn on a terminal, JSON, CSV, iCalendar, HTML.
 *
 * Used by `yogi read` and the gateway. Pure: the same dossier and options give the same bytes; nothing here reads the
 * clock or the environment, and the only files read are the system's time zones (form ics). Sources: RFC 8259 (JSON),
 * RFC 4180 (CSV), RFC 5545 (iCalendar), RFC 8536 (TZif). The shape of the JSON form is proto/dossier.schema.json.
 */
#ifndef YOGI_FORM_H
#define YOGI_FORM_H

#include "base/buf.h"
#include "base/fault.h"
#include "dossier.h"

#include <stdbool.h>

/* Plain data; {0} is good for every form but ics, which needs term_start or today. */
typedef struct form_options {
    int columns;    /* width of the terminal; 0 = not a terminal, drawn for 100 columns */
    bool colour;    /* form table: SGR colours and styles */
    bool explain;   /* why each value is what it is (table: indented lines; json: reasons) */
    bool timing;    /* where the time went (table: a line a stage; json: trail) */
    bool one_line;  /* form json: one line, as NDJSON wants it */
    bool continued; /* form csv: not the first document of this output, no header line */
    /* form ics: */
    const char *term_start; /* first day of lessons, "YYYY-MM-DD"; NULL = today */
    const char *term_end;   /* last day, "YYYY-MM-DD"; NULL = the events repeat without end */
    const char *today;      /* "YYYY-MM-DD"; may be NULL, then term_start is a must */
    const char *tz;         /* IANA name, "Europe/London", "UTC"; NULL = floating times, on the reader's own clock */
    const char *zoneinfo;   /* where the TZif files are; NULL = /usr/share/zoneinfo */
} form_options_t;

typedef struct form {
    const char *name;      /* as --format takes it: "table", "json", "csv", "ics", "html" */
    const char *extension; /* of files, without the dot */
    const char *media;     /* media type */
    int (*write)(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault);
} form_t;

/* The form of that name, or NULL. */
const form_t *form_find(const char *name);

/* All forms, in the order in which help lists them; *count of them. */
const form_t *form_list(size_t *count);

/* Checks the options before any work is done (dates, their order, the zone). -1 with a FAULT_USAGE sentence. */
int form_check(const form_options_t *options, fault_t *fault) __attribute__((warn_unused_result));

/* Appends the dossier in a form of form_list (asserts that there is one of that name); the text ends with a line feed.
 * -1 with the fault, and out as it was: a date or zone of the options is wrong, or ics finds no day to start from. */
int form_write(const char *format, const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
