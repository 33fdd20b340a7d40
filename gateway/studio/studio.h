/* studio: the gateway as an owner of jobs of the stage render: pictures of pages, drawn by actors in their sandbox and
 * kept as blobs.
 *
 * A picture is no run: nothing has been promised but an answer to whoever waits for it, and it can be drawn again at
 * any time. So its job is not on disk before it is submitted; what is drawn is (blob and row) before it is
 * acknowledged. It is an owner of its own at the brokers, beside the outbox, so that pictures under way never hold up
 * results of runs.
 *
 * Threads: one has the link and waits for nothing; one does what takes time (easel.h), a picture after the other.
 *          studio_ask is called from any.
 * Memory:  pictures come as the brokers' window lets them (16 MiB and one picture of 24 MiB at most from each), are
 *          written to a file of the spool as they are taken out of their message, and lie there until they are kept;
 *          one dossier at a time (easel.h); DRAWINGS_MOST drawings.
 * Limits:  a picture that is not there after DRAW_US is given up. Where no broker has been heard for AWAY_US, or none
 *          has an actor of render for DESERTED_US, nothing is waited for.
 */
#ifndef YOGI_GATEWAY_STUDIO_H
#define YOGI_GATEWAY_STUDIO_H

#include "gateway/blobs/blobs.h"
#include "gateway/outbox/outbox.h"
#include "gateway/store/pictures.h"
#include "gateway/store/store.h"
#include "proto/base/log.h"

typedef struct studio studio_t;

/* Borrowed while the studio lives. */
typedef struct {
    const settings_t *settings;
    store_t *store;
    blobs_t *blobs;
    outbox_t *outbox; /* for what the brokers tell of their stages */
    const log_t *log;
    int (*spool)(void *owner);                  /* an empty file without a name; -1 with errno */
    void (*wake)(void *owner, uint64_t ticket); /* of a call that waits; must not wait */
    void *owner;
} studio_plan_t;

/* Connects to the brokers (YOGI_BROKERS) and starts. NULL with the fault. */
studio_t *studio_new(const studio_plan_t *plan, fault_t *fault);

/* Gives up what is being drawn and ends its threads; wakes nobody after it has returned. Before the store ends. */
void studio_stop(studio_t *studio);
void studio_destroy(studio_t **studio); /* takes NULL; nulls the caller's pointer */

typedef enum {
    STUDIO_DRAWS,  /* the ticket is woken when it has ended */
    STUDIO_DRAWN,  /* it has just been kept: look again */
    STUDIO_FAILED, /* with the fault; soon it may be asked for again */
    STUDIO_BUSY,   /* DRAWINGS_MOST are in hand */
} studio_answer_t;

/* A picture of this place that shows what the print says is wanted; it is drawn once, whoever asks. gone: it was there
 * a moment ago, and is drawn again. */
studio_answer_t studio_ask(studio_t *studio, const picture_place_t *place, const char *print, bool gone,
                           uint64_t ticket, fault_t *fault);

/* For people and metrics. */
typedef struct {
    uint64_t in_hand;       /* now */
    uint64_t drawn, failed; /* since the start */
} studio_figures_t;

studio_figures_t studio_figures(studio_t *studio);

#endif
