/* errand: one thing that the outbox or the importer has the store do, with everything it needs and brings back. */
#ifndef YOGI_GATEWAY_ERRAND_H
#define YOGI_GATEWAY_ERRAND_H

#include "gateway/store/runs.h"
#include "gateway/store/store.h"
#include "proto/base/ident.h"
#include "proto/dossier.h"
#include "proto/message.h"

#include <stdbool.h>

typedef enum {
    ERRAND_HOLD,       /* renew the lease */
    ERRAND_LEAVE,      /* give it back */
    ERRAND_TAKE,       /* take over what nobody has */
    ERRAND_MINE,       /* what the store says is ours */
    ERRAND_CALLED_OFF, /* what was called off */
    ERRAND_WANT,       /* everything that a SUBMIT is made of */
    ERRAND_RAISE,      /* the next epoch */
    ERRAND_COUNT,      /* attempts used up */
    ERRAND_RECORD,     /* a stage's result */
    ERRAND_PROGRESS,   /* for people */
    ERRAND_FINISH,     /* the end of a run */
    ERRAND_IMPORT,     /* a finished document of another owner */
    ERRAND_KINDS
} errand_kind_t;

/* Runs of one MINE. */
enum { ERRAND_MINE_MOST = 500 };

/* What it is for lies in the arena. */
typedef struct errand {
    store_task_t task; /* first; its context is the errand */
    errand_kind_t kind;
    arena_t *arena;
    ident_t job;            /* of those that are about one */
    char run[IDENT_TEXT];   /* its id as text */
    uint64_t epoch;         /* that it is written under */
    const char *owner;      /* the outbox's name in the store */
    uint32_t broker;        /* to whom it is acknowledged */
    message_t message;      /* what is acknowledged; its slices lie in the arena */
    record_t record;        /* RECORD */
    event_t event;          /* RECORD, PROGRESS */
    finish_t finish;        /* FINISH */
    import_t import;        /* IMPORT */
    imported_t imported;    /* IMPORT: what has become of it */
    dossier_t *dossier;     /* IMPORT: its own */
    uint32_t duty;          /* IMPORT: number of the job in the ledger */
    int64_t since_us;       /* IMPORT: when it was begun */
    int64_t lease_ms;       /* HOLD */
    verdict_t verdict;      /* of those that have one */
    run_t got;              /* WANT, where DONE */
    run_taken_list_t taken; /* TAKE, MINE */
    run_names_t names;      /* CALLED_OFF */
    bool alone;             /* RECORD: nothing goes along with it, nor it with others: together they failed */
    bool costly;            /* RECORD: its stage is not done twice; it goes to the store at once */
    bool settled;           /* it is acknowledged already */
    struct errand *before;  /* RECORDs of the job that go along, the latest first; this one owns them */
    int64_t due_us;         /* held back until then (held.h); 0 = it is not */
    struct errand *later;   /* held back behind it */
    struct errand **place;  /* what points to it there */
    struct errand *mail;    /* the next one in a mailbox */
    struct errand *next;    /* behind it in the line of its job */
    struct errand *last;    /* of the first one in line: the last one */
    void *owning;           /* whose it is */
} errand_t;

/* A new one; done is called on a thread of the store. Its kind of transaction and its patience follow from the kind. */
errand_t *errand_new(errand_kind_t kind, const char *owner, store_done_fn *done, void *owning);
void errand_destroy(errand_t **errand);

/* Whether what its task came to may go well another time: it is handed in again, as long as it takes. */
bool errand_may_pass(const errand_t *errand);

/* The job that it is about. */
void errand_set_job(errand_t *errand, ident_t job, uint64_t epoch);

/* Keeps the message, with copies of its stage, fault, text and body. */
void errand_set_message(errand_t *errand, uint32_t broker, const message_t *message);

/* Makes it the end of the other one's run, which has failed with the fault. */
void errand_fail(errand_t *end, const errand_t *of, const fault_t *fault);

/* Fills what is written of the message: of a RECORD that ends a stage (-1 with the fault where it brings no dossier),
 * of a PROGRESS, of the end of a run. */
int errand_fill_record(errand_t *errand, fault_t *fault) __attribute__((warn_unused_result));
void errand_fill_progress(errand_t *errand);
void errand_fill_finish(errand_t *errand);

/* Whether an earlier RECORD of the job may go along with it: RECORD, FINISH. */
bool errand_joins(const errand_t *errand);

/* The RECORD goes along; taken. And off again: the caller's, NULL where none is left. */
void errand_join(errand_t *errand, errand_t *record);
errand_t *errand_part(errand_t *errand);

const char *errand_name(errand_kind_t kind);

#endif
