/* studio: see studio.h. Rooms: subject (what a picture shows), drawing (what is in hand), chore and easel (what takes
 * time), printout (the timetables of a dossier).
 */
#include "studio.h"

#include "chore.h"
#include "drawing.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/base/output.h"
#include "proto/wire/ferry.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* DRAW: for a picture altogether; a broker gives it up then, and OVERTIME after that the studio does. AWAY, DESERTED:
 * as long as a broker or a host takes to be started again. LOOK: between two looks at both, at most. */
static const int64_t DRAW_US = 120000000, OVERTIME_US = 10000000, AWAY_US = 8000000, DESERTED_US = 10000000,
                     LOOK_US = 1000000;

/* What may pass is tried again, soon: somebody waits. */
enum { ATTEMPTS = 3, BACKOFF_MS = 500 };

static const char stage_name[] = "render";

struct studio {
    studio_plan_t plan;
    chores_t *chores;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    drawings_t drawings;
    studio_figures_t figures;
    bool ending;
    /* the thread's own */
    ferry_t *ferry;
    int64_t heard_us;  /* when a broker was there last */
    int64_t served_us; /* when one had an actor of render, or nothing was known of it */
    int64_t looked_us; /* when both were looked at */
};

/* ---- drawings ---- */

/* Ends the drawing of a job and wakes who waits for it. fault: NULL where it went well. */
static void end(studio_t *studio, ident_t job, const fault_t *fault)
{
    pthread_mutex_lock(&studio->lock);
    drawing_t *drawing = drawings_of_job(&studio->drawings, job);
    if (drawing && drawing->state != DRAWING_ENDED) {
        drawing_end(&studio->drawings, drawing, fault, clock_now_us());
        *(fault ? &studio->figures.failed : &studio->figures.drawn) += 1;
        for (size_t i = 0; i < drawing->count; i++)
            studio->plan.wake(studio->plan.owner, drawing->tickets[i]);
        drawing->count = 0;
    }
    pthread_mutex_unlock(&studio->lock);
}

/* It comes to nothing. */
static void fail(studio_t *studio, ident_t job, const fault_t *fault)
{
    char text[IDENT_TEXT];
    LOG(studio->plan.log, LOG_WARNING, "picture.failed", {"job", ident_format(job, text), 0},
        {"fault", fault_name(fault->code), 0}, {"message", fault->text, 0});
    end(studio, job, fault);
}

/* A chore for the drawing of a job; NULL where nobody wants it any more. The lock is held. */
static chore_t *chore_for(studio_t *studio, chore_kind_t kind, ident_t job)
{
    const drawing_t *drawing = drawings_of_job(&studio->drawings, job);
    if (!drawing || drawing->state == DRAWING_ENDED)
        return NULL;
    return chore_new(kind, job, &drawing->place, drawing->print);
}

/* ---- what the link asks for ---- */

static void on_want(studio_t *studio, const link_action_t *action)
{
    pthread_mutex_lock(&studio->lock);
    drawing_t *drawing = drawings_of_job(&studio->drawings, action->job);
    bool wanted = drawing && drawing->state != DRAWING_ENDED;
    chore_t *chore = wanted && !drawing->sketched ? chore_for(studio, CHORE_SKETCH, action->job) : NULL;
    if (wanted)
        drawing->sketched = true;
    pthread_mutex_unlock(&studio->lock);
    if (chore)
        chores_put(studio->chores, chore);
    if (!wanted)
        ferry_disown(studio->ferry, action->job);
}

static void on_raise(studio_t *studio, const link_action_t *action)
{
    pthread_mutex_lock(&studio->lock);
    drawing_t *drawing = drawings_of_job(&studio->drawings, action->job);
    if (drawing)
        drawing->epoch = action->epoch;
    pthread_mutex_unlock(&studio->lock);
    if (drawing)
        ferry_own(studio->ferry, action->job, action->epoch);
    else
        ferry_disown(studio->ferry, action->job);
}

/* How often it was tried: nobody need know. */
static void on_record(studio_t *studio, const link_action_t *action)
{
    ferry_settle(studio->ferry, action->broker, &action->message);
}

/* Why a job has ended without a picture. */
static void take_fault(const message_t *message, fault_t *fault)
{
    char name[MESSAGE_NAME_MOST + 1] = "", text[MESSAGE_TEXT_MOST + 1] = "";
    memcpy(name, message->fault.size ? message->fault.at : "", message->fault.size);
    memcpy(text, message->text.size ? message->text.at : "", message->text.size);
    fault_code_t code = *name ? fault_code_of(name) : FAULT_SYSTEM;
    fault_set(fault, code, "%s", *text ? text : fault_summary(code));
}

static bool is_png(slice_t bytes)
{
    static const char sign[] = "\x89PNG\r\n\x1a\n";
    return bytes.size >= sizeof sign - 1 && memcmp(bytes.at, sign, sizeof sign - 1) == 0;
}

/* The picture in a file of the spool, for the chore: it does not stay in memory. -1 with the fault. */
static int spool(studio_t *studio, slice_t png, chore_t *chore, fault_t *fault)
{
    if (!is_png(png)) /* from an actor that is older, or was broken into */
        return fault_set(fault, FAULT_MESSAGE, "the actor of the stage render answered without a picture");
    chore->fd = studio->plan.spool(studio->plan.owner);
    if (chore->fd < 0 || output_all(chore->fd, png.at, png.size) < 0)
        return fault_set(fault, FAULT_OUTPUT, "the folder for uploads cannot be written: %s", strerror(errno));
    chore->bytes = png.size;
    return 0;
}

static void on_finished(studio_t *studio, const link_action_t *action)
{
    const message_t *message = &action->message;
    fault_t fault = {0};
    pthread_mutex_lock(&studio->lock);
    chore_t *chore = chore_for(studio, CHORE_KEEP, action->job);
    pthread_mutex_unlock(&studio->lock);
    int failed = -1;
    if (message->outcome != OUTCOME_COMPLETED)
        take_fault(message, &fault);
    else if (chore)
        failed = spool(studio, message->attachment, chore, &fault);
    if (chore && !failed) {
        chore->broker = action->broker;
        chore->message = (message_t){
            .command = message->command, .job = message->job, .epoch = message->epoch, .token = message->token};
        chores_put(studio->chores, chore);
        return;
    }
    if (chore)
        fail(studio, action->job, &fault);
    chore_destroy(&chore);
    ferry_settle(studio->ferry, action->broker, message);
}

static void on_refused(studio_t *studio, const link_action_t *action)
{
    fault_t fault = {0};
    if (ident_none(action->job))
        return; /* of this owner itself: the broker counts as away */
    fault_set(&fault, FAULT_UNAVAILABLE, "no broker takes the picture: %.*s", (int)action->message.text.size,
              action->message.text.size ? action->message.text.at : "");
    fail(studio, action->job, &fault);
}

static void on_lost(studio_t *studio, const link_action_t *action)
{
    fault_t fault = {0};
    fault_set(&fault, FAULT_LOST, "the picture has come into other hands; ask for it again");
    fail(studio, action->job, &fault);
}

static void ask(void *owner, const link_action_t *action)
{
    static void (*const handlers[])(studio_t *, const link_action_t *) = {
        [LINK_WANT] = on_want,         [LINK_RAISE] = on_raise,     [LINK_RECORD] = on_record,
        [LINK_FINISHED] = on_finished, [LINK_REFUSED] = on_refused, [LINK_LOST] = on_lost,
        /* LINK_PROGRESS is not shown; LINK_CANCELLED, LINK_STATS: nobody asks for it here */
    };
    if ((size_t)action->kind < sizeof handlers / sizeof *handlers && handlers[action->kind])
        handlers[action->kind](owner, action);
}

/* ---- chores that are done ---- */

static void submit(studio_t *studio, const chore_t *chore)
{
    pthread_mutex_lock(&studio->lock);
    drawing_t *drawing = drawings_of_job(&studio->drawings, chore->job);
    bool wanted = drawing && drawing->state != DRAWING_ENDED;
    int64_t left_us = wanted ? drawing->since_us + DRAW_US - clock_now_us() : 0;
    message_t message = {.command = COMMAND_SUBMIT,
                         .job = chore->job,
                         .epoch = wanted ? drawing->epoch : 0,
                         .names = {slice_of(stage_name)},
                         .name_count = 1,
                         .attempts = ATTEMPTS,
                         .backoff = BACKOFF_FIXED,
                         .backoff_ms = BACKOFF_MS,
                         .remaining_ms = left_us > 1000 ? (uint64_t)left_us / 1000 : 1,
                         .body = {chore->dossier.bytes, (uint32_t)chore->dossier.size}};
    if (wanted)
        drawing->sketched = false;
    pthread_mutex_unlock(&studio->lock);
    if (wanted)
        ferry_submit(studio->ferry, &message);
}

static void take_chore(studio_t *studio, chore_t *chore)
{
    bool failed = chore->fault.code != FAULT_NONE;
    if (chore->kind == CHORE_SKETCH && failed) {
        fail(studio, chore->job, &chore->fault);
        ferry_disown(studio->ferry, chore->job);
    } else if (chore->kind == CHORE_SKETCH) {
        submit(studio, chore);
    } else {
        ferry_settle(studio->ferry, chore->broker, &chore->message);
        if (failed)
            fail(studio, chore->job, &chore->fault);
        else
            end(studio, chore->job, NULL);
    }
}

static void take_chores(studio_t *studio)
{
    for (chore_t *chore; (chore = chores_take(studio->chores));) {
        take_chore(studio, chore);
        chore_destroy(&chore);
    }
}

/* ---- what is new, and what takes too long ---- */

/* Whether a broker says that somebody serves the stage; nothing heard yet is not a no. */
static bool is_served(studio_t *studio)
{
    queues_sum_t sum;
    outbox_queues(studio->plan.outbox, &sum);
    for (size_t i = 0; i < sum.count; i++)
        if (strcmp(sum.stages[i].name, stage_name) == 0)
            return sum.stages[i].hosts > 0;
    return sum.heard == 0;
}

/* Why nothing can be drawn now, if so: false and the fault. */
static bool may_draw(studio_t *studio, int64_t now_us, fault_t *fault)
{
    int64_t slept_us = now_us - studio->looked_us - LOOK_US; /* in which nobody could be heard */
    if (slept_us > 0) {
        studio->heard_us += slept_us;
        studio->served_us += slept_us;
    }
    studio->looked_us = now_us;
    if (ferry_connected(studio->ferry))
        studio->heard_us = now_us;
    if (is_served(studio))
        studio->served_us = now_us;
    if (now_us - studio->heard_us >= AWAY_US)
        fault_set(fault, FAULT_UNAVAILABLE, "no broker is heard, so no page can be drawn; ask again later");
    else if (now_us - studio->served_us >= DESERTED_US)
        fault_set(fault, FAULT_NO_ACTOR,
                  "no actor host serves the stage render, so no page can be drawn (yogi actor render)");
    return fault->code == FAULT_NONE;
}

/* Something that is to be done for one drawing, found under the lock and done without it. */
typedef struct {
    enum { STEP_NONE, STEP_OWN, STEP_GIVE_UP } kind;
    ident_t job;
    fault_t fault;
} step_t;

static step_t next_step(studio_t *studio, const fault_t *hindrance, int64_t now_us)
{
    step_t step = {.kind = STEP_NONE};
    pthread_mutex_lock(&studio->lock);
    for (drawing_t *drawing = studio->drawings.first; drawing && step.kind == STEP_NONE; drawing = drawing->next) {
        if (drawing->state == DRAWING_ENDED)
            continue;
        step.job = drawing->job;
        if (hindrance) {
            step.kind = STEP_GIVE_UP;
            step.fault = *hindrance;
        } else if (now_us - drawing->since_us >= DRAW_US + OVERTIME_US) {
            step.kind = STEP_GIVE_UP;
            fault_set(&step.fault, FAULT_DEADLINE, "the page took too long to draw");
        } else if (drawing->state == DRAWING_ASKED) {
            step.kind = STEP_OWN;
            drawing->state = DRAWING_OUT;
        }
    }
    pthread_mutex_unlock(&studio->lock);
    return step;
}

static void look_around(studio_t *studio)
{
    fault_t fault = {0};
    int64_t now_us = clock_now_us();
    const fault_t *hindrance = may_draw(studio, now_us, &fault) ? NULL : &fault;
    pthread_mutex_lock(&studio->lock);
    drawings_sweep(&studio->drawings, now_us);
    pthread_mutex_unlock(&studio->lock);
    for (step_t step; (step = next_step(studio, hindrance, now_us)).kind != STEP_NONE;) {
        if (step.kind == STEP_OWN) {
            ferry_own(studio->ferry, step.job, 1);
        } else {
            ferry_disown(studio->ferry, step.job);
            fail(studio, step.job, &step.fault);
        }
    }
}

/* ---- the thread ---- */

static bool is_ending(studio_t *studio)
{
    pthread_mutex_lock(&studio->lock);
    bool ending = studio->ending;
    pthread_mutex_unlock(&studio->lock);
    return ending;
}

/* The link's heartbeats wake it once a second, if nothing else does. */
static void wait(studio_t *studio, int64_t next_us)
{
    struct pollfd polls[WIRE_POLLS_MOST + 1];
    size_t count = ferry_poll(studio->ferry, polls);
    polls[count++] = (struct pollfd){chores_bell(studio->chores), POLLIN, 0};
    int64_t left_us = next_us - clock_now_us();
    poll(polls, count, left_us <= 0 ? 0 : left_us > 1000000 ? 1000 : (int)(left_us / 1000 + 1));
}

static void *work(void *user)
{
    studio_t *studio = user;
    while (!is_ending(studio)) {
        int64_t next_us = INT64_MAX;
        ferry_step(studio->ferry, &next_us);
        take_chores(studio);
        look_around(studio);
        ferry_step(studio->ferry, &next_us);
        wait(studio, next_us);
    }
    return NULL;
}

studio_t *studio_new(const studio_plan_t *plan, fault_t *fault)
{
    studio_t *studio = memory_new(1, sizeof *studio);
    easel_t easel = {plan->store, plan->blobs, plan->settings->grace_seconds};
    ferry_plan_t ferry = {.brokers = plan->settings->brokers, .name = "gateway pictures", .ask = ask, .owner = studio};
    studio->plan = *plan;
    studio->heard_us = studio->served_us = studio->looked_us = clock_now_us();
    pthread_mutex_init(&studio->lock, NULL);
    studio->ferry = ferry_open(&ferry, plan->settings, fault);
    studio->chores = studio->ferry ? chores_new(&easel, fault) : NULL;
    if (studio->chores && pthread_create(&studio->thread, NULL, work, studio) == 0)
        return studio;
    if (studio->chores) {
        fault_set(fault, FAULT_SYSTEM, "the system gives no thread to draw pictures with");
        chores_stop(studio->chores);
    }
    ferry_destroy(&studio->ferry);
    studio_destroy(&studio);
    return NULL;
}

void studio_stop(studio_t *studio)
{
    pthread_mutex_lock(&studio->lock);
    studio->ending = true;
    pthread_mutex_unlock(&studio->lock);
    chores_ring(studio->chores);
    pthread_join(studio->thread, NULL);
    chores_stop(studio->chores);
    ferry_leave(&studio->ferry); /* nobody comes for what is being drawn */
}

void studio_destroy(studio_t **at)
{
    if (!at || !*at)
        return;
    studio_t *studio = *at;
    chores_destroy(&studio->chores);
    drawings_free(&studio->drawings);
    pthread_mutex_destroy(&studio->lock);
    free(studio);
    *at = NULL;
}

/* ---- from other threads ---- */

static studio_answer_t answer(drawing_t *drawing, uint64_t ticket, fault_t *fault)
{
    if (!drawing)
        return STUDIO_BUSY;
    if (drawing->state != DRAWING_ENDED) {
        drawing_await(drawing, ticket);
        return STUDIO_DRAWS;
    }
    if (drawing->fault.code == FAULT_NONE)
        return STUDIO_DRAWN;
    *fault = drawing->fault;
    return STUDIO_FAILED;
}

studio_answer_t studio_ask(studio_t *studio, const picture_place_t *place, const char *print, bool gone,
                           uint64_t ticket, fault_t *fault)
{
    ident_t job;
    if (ident_new(&job, fault) < 0)
        return STUDIO_FAILED;
    pthread_mutex_lock(&studio->lock);
    drawing_t *drawing = drawings_find(&studio->drawings, place, print);
    if (gone && drawing && drawing->state == DRAWING_ENDED && drawing->fault.code == FAULT_NONE) {
        drawings_forget(&studio->drawings, drawing);
        drawing = NULL;
    }
    bool is_new = !drawing;
    if (is_new)
        drawing = drawings_add(&studio->drawings, place, print, job, clock_now_us());
    studio_answer_t said = answer(drawing, ticket, fault);
    pthread_mutex_unlock(&studio->lock);
    if (is_new && drawing)
        chores_ring(studio->chores);
    return said;
}

studio_figures_t studio_figures(studio_t *studio)
{
    pthread_mutex_lock(&studio->lock);
    studio_figures_t figures = studio->figures;
    figures.in_hand = studio->drawings.in_hand;
    pthread_mutex_unlock(&studio->lock);
    return figures;
}
