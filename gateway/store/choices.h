/* choices: which provider of models a browser session has chosen, and the API key that it brought along, encrypted by
 * the caller. One lasts for some minutes from its last use and is then as if it had never been. Called in tasks of the
 * store (store.h).
 */
#ifndef YOGI_GATEWAY_CHOICES_H
#define YOGI_GATEWAY_CHOICES_H

#include "proto/base/arena.h"
#include "session.h"

/* Of one tenant at a time, that last: more browsers than a school has. SWEEP: forgotten in one call. */
enum { CHOICES_TENANT_MOST = 5000, CHOICES_SWEEP_MOST = 250 };

typedef struct {
    const char *provider, *model; /* model may be NULL */
    const char *secret;           /* encrypted, as text; NULL = none */
    int64_t minutes;              /* that it lasts */
    int64_t expires_ms;           /* Unix time; told, not taken */
} choice_t;

/* Takes the place of the one before. of: a key of the session, of the caller's making. DONE, or ILLEGAL: the tenant has
 * too many.
 */
int choices_put(session_t *session, const char *tenant, const char *of, const choice_t *choice, verdict_t *verdict,
                fault_t *fault) __attribute__((warn_unused_result));

/* DONE, or NOT_FOUND: there is none, or its time is over. */
int choices_get(session_t *session, const char *tenant, const char *of, arena_t *arena, choice_t *choice,
                verdict_t *verdict, fault_t *fault) __attribute__((warn_unused_result));

/* It lasts so many minutes from now on, 0 = those of its own, which stay what they are. DONE and *minutes, or
 * NOT_FOUND. */
int choices_extend(session_t *session, const char *tenant, const char *of, int64_t wanted, int64_t *minutes,
                   verdict_t *verdict, fault_t *fault) __attribute__((warn_unused_result));

/* There is none any more; also when there was none. */
int choices_drop(session_t *session, const char *tenant, const char *of, fault_t *fault)
    __attribute__((warn_unused_result));

/* Forgets some whose time is over: at most CHOICES_SWEEP_MOST. */
int choices_sweep(session_t *session, int64_t *forgotten, fault_t *fault) __attribute__((warn_unused_result));

#endif
