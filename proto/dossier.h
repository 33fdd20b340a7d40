/* dossier: the one message that travels from stage to stage; each stage adds its part and leaves the others alone.
 * Source: DESIGN.md section 3. Keys that this version does not know are kept and written again.
 */
#ifndef YOGI_DOSSIER_H
#define YOGI_DOSSIER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/fault.h"
#include "timetable.h"

enum { DOSSIER_VERSION = 1 };

typedef struct {
    extras_t extras;
    const char *id;       /* UUID, or the owner's own name for it */
    const char *filename; /* as the sender called it; for people only */
    const char *source;   /* URL of the bytes */
    const char *media;    /* media type found by content, "image/png" */
    int64_t bytes;        /* size */
    const char *sha256;   /* hex */
    const char *path;     /* where its owner keeps it, without rights: "uploads/week.pdf"; NULL = not told */
    const char *stored;   /* id under which the stage `store` has it; NULL = not (yet) */
} document_t;

typedef struct {
    extras_t extras;
    texts_t languages;   /* tesseract's names, "eng"; empty = the default */
    const char *engine;  /* of the stage llm, "rules" */
    const char *pages;   /* "1-3,5"; NULL = all */
    double gate;         /* confidence from which a document is `completed`; 0 … 1 */
    const char *overlay; /* of the stage render: what is drawn on the page (layer.h); NULL = all */
    const char *noop;    /* what the stage noop shall do, for tests of failure; NULL = nothing */
} options_t;

typedef struct {
    extras_t extras;
    const char *kind;     /* "image", "text-pdf", "scanned-pdf", "mixed-pdf", "docx", "xlsx", "odt", "ods" */
    int32_t pages;        /* in the document */
    int32_t orientation;  /* clockwise degrees by which the first page must be turned: 0, 90, 180, 270 */
    double timetable;     /* 0 … 1 that this is a timetable at all */
    const char *language; /* tesseract's name, or NULL */
    const char *why;      /* in words, what `timetable` rests on */
} classification_t;

typedef struct {
    extras_t extras;
    const char *rule;     /* stable name: "overlap", "order", "gap", "duplicate" … */
    const char *severity; /* "info", "warning", "error" */
    texts_t blocks;       /* ids of the blocks that it is about */
    const char *message;  /* a sentence */
} check_t;

typedef struct {
    extras_t extras;
    const char *status;  /* "completed", "needs_review", "failed"; NULL while running */
    double confidence;   /* 0 … 1, of the document */
    const char *error;   /* name of a fault, or NULL */
    const char *message; /* its sentence, or NULL */
} outcome_t;

/* CPU time of one part of a stage. */
typedef struct {
    extras_t extras;
    const char *name; /* "decode", "grid", "preparation", "recognition", "meaning" … */
    double ms;        /* CPU milliseconds */
} lap_t;

typedef struct {
    extras_t extras;
    const char *stage, *engine, *model, *host; /* who worked */
    int32_t attempt;                           /* from 1 */
    const char *started, *finished;            /* wall time, RFC 3339 */
    double confidence;                         /* of the stage in its own part, 0 … 1 */
    const char *error;                         /* name of a fault, or NULL */
    double cpu_ms;                             /* CPU time, ms */
    list_t laps;                               /* lap_t */
} trail_t;

typedef struct {
    extras_t extras;
    arena_t *arena; /* owns everything below */
    int32_t v;      /* DOSSIER_VERSION of the writer */
    document_t document;
    options_t options;
    classification_t classification;
    list_t pages;      /* page_t */
    list_t timetables; /* timetable_t */
    list_t checks;     /* check_t */
    outcome_t outcome;
    list_t trail; /* trail_t, oldest first */
} dossier_t;

extern const schema_t document_schema, options_schema, classification_schema, check_schema, outcome_schema, lap_schema,
    trail_schema, dossier_schema;

/* An empty dossier of this version. */
dossier_t *dossier_new(void);

/* Frees it with everything in its arena; takes NULL; nulls the caller's pointer. */
void dossier_destroy(dossier_t **dossier);

/* Appends its msgpack to out. */
void dossier_encode(const dossier_t *dossier, buf_t *out);

/* A dossier from msgpack, or NULL with the fault filled: bounded, all or nothing, bytes left over are an error. */
dossier_t *dossier_decode(const void *bytes, size_t size, fault_t *fault) __attribute__((warn_unused_result));

/* Appends a struct of `size` zeroed bytes to a list, in the arena; amortised. Returns it. The list has room for the
 * next power of two items, as this and the decoder leave it: one made otherwise must not be appended to. */
void *list_push(arena_t *arena, list_t *list, size_t size);

/* Appends a text to a list, in the arena. The text is copied. */
void texts_push(arena_t *arena, texts_t *texts, const char *text);

/* The first trail entry of a stage, or NULL. */
const trail_t *dossier_trail(const dossier_t *dossier, const char *stage);

#endif
