/* chore: see chore.h. */
#include "chore.h"

#include "proto/base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* First come, first served. */
typedef struct {
    chore_t *first, **end;
} line_t;

struct chores {
    easel_t easel;
    int bell; /* eventfd */
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t word;  /* there is one to do, or the end */
    line_t todo, done;
    bool ending;
};

chore_t *chore_new(chore_kind_t kind, ident_t job, const picture_place_t *place, const char *print)
{
    chore_t *chore = memory_new(1, sizeof *chore);
    *chore = (chore_t){.kind = kind, .arena = arena_new(), .job = job, .place = *place, .fd = -1};
    chore->place.tenant = arena_text(chore->arena, place->tenant);
    chore->place.document.at = arena_text_n(chore->arena, place->document.at, place->document.size);
    memcpy(chore->print, print, sizeof chore->print);
    return chore;
}

void chore_destroy(chore_t **chore)
{
    if (!chore || !*chore)
        return;
    if ((*chore)->fd >= 0)
        close((*chore)->fd);
    buf_free(&(*chore)->dossier);
    arena_destroy(&(*chore)->arena);
    free(*chore);
    *chore = NULL;
}

static void append(line_t *line, chore_t *chore)
{
    chore->next = NULL;
    *line->end = chore;
    line->end = &chore->next;
}

static chore_t *take(line_t *line)
{
    chore_t *chore = line->first;
    if (chore && !(line->first = chore->next))
        line->end = &line->first;
    return chore;
}

/* ---- the thread ---- */

static void do_it(const easel_t *easel, chore_t *chore)
{
    int failed = chore->kind == CHORE_SKETCH
                     ? easel_sketch(easel, &chore->place, chore->print, &chore->dossier, &chore->fault)
                     : easel_keep(easel, &chore->place, chore->print, chore->fd, chore->bytes, &chore->fault);
    if (!failed)
        chore->fault = (fault_t){0};
}

static void *work(void *user)
{
    chores_t *chores = user;
    pthread_mutex_lock(&chores->lock);
    while (!chores->ending) {
        chore_t *chore = take(&chores->todo);
        if (!chore) {
            pthread_cond_wait(&chores->word, &chores->lock);
            continue;
        }
        pthread_mutex_unlock(&chores->lock);
        do_it(&chores->easel, chore);
        pthread_mutex_lock(&chores->lock);
        append(&chores->done, chore);
        chores_ring(chores);
    }
    pthread_mutex_unlock(&chores->lock);
    return NULL;
}

chores_t *chores_new(const easel_t *easel, fault_t *fault)
{
    chores_t *chores = memory_new(1, sizeof *chores);
    chores->easel = *easel;
    chores->todo.end = &chores->todo.first;
    chores->done.end = &chores->done.first;
    pthread_mutex_init(&chores->lock, NULL);
    pthread_cond_init(&chores->word, NULL);
    chores->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (chores->bell >= 0 && pthread_create(&chores->thread, NULL, work, chores) == 0)
        return chores;
    fault_set(fault, FAULT_SYSTEM, "the system gives no thread to draw pictures with");
    chores_destroy(&chores);
    return NULL;
}

void chores_stop(chores_t *chores)
{
    pthread_mutex_lock(&chores->lock);
    chores->ending = true;
    pthread_cond_signal(&chores->word);
    pthread_mutex_unlock(&chores->lock);
    pthread_join(chores->thread, NULL);
}

void chores_destroy(chores_t **at)
{
    if (!at || !*at)
        return;
    chores_t *chores = *at;
    for (chore_t *chore; (chore = take(&chores->todo)) || (chore = take(&chores->done));)
        chore_destroy(&chore);
    if (chores->bell >= 0)
        close(chores->bell);
    pthread_cond_destroy(&chores->word);
    pthread_mutex_destroy(&chores->lock);
    free(chores);
    *at = NULL;
}

/* ---- from other threads ---- */

void chores_put(chores_t *chores, chore_t *chore)
{
    pthread_mutex_lock(&chores->lock);
    append(&chores->todo, chore);
    pthread_cond_signal(&chores->word);
    pthread_mutex_unlock(&chores->lock);
}

chore_t *chores_take(chores_t *chores)
{
    uint64_t rings;
    (void)!read(chores->bell, &rings, sizeof rings); /* whatever it says, the line says more */
    pthread_mutex_lock(&chores->lock);
    chore_t *chore = take(&chores->done);
    pthread_mutex_unlock(&chores->lock);
    return chore;
}

int chores_bell(const chores_t *chores)
{
    return chores->bell;
}

void chores_ring(chores_t *chores)
{
    uint64_t one = 1;
    (void)!write(chores->bell, &one, sizeof one); /* full: it rings anyway */
}
