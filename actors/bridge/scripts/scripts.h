/* scripts: BullMQ's own Lua scripts of two majors, built in, with the order of their keys. The text comes from the npm
 * package (MIT licence, notice in scripts_notice), pinned in package-lock.json and fetched by the build; the table
 * `needed` beside this file says which are used. Plain data, never changed.
 */
#ifndef YOGI_BRIDGE_SCRIPTS_H
#define YOGI_BRIDGE_SCRIPTS_H

#include <stddef.h>
#include <stdint.h>

/* A queue is served by the scripts of one major: mixed, pause and resume lose jobs. */
typedef enum { MAJOR_5, MAJOR_6, MAJOR_COUNT } major_t;

typedef enum {
    SCRIPT_MOVE_TO_ACTIVE,
    SCRIPT_MOVE_TO_FINISHED,
    SCRIPT_MOVE_TO_DELAYED,
    SCRIPT_RETRY_JOB,
    SCRIPT_MOVE_JOB_FROM_ACTIVE_TO_WAIT,
    SCRIPT_MOVE_STALLED_JOBS_TO_WAIT,
    SCRIPT_EXTEND_LOCKS,
    SCRIPT_UPDATE_PROGRESS,
    SCRIPT_ADD_LOG,
    SCRIPT_UPDATE_JOB_SCHEDULER,
    SCRIPT_ADD_STANDARD_JOB,
    SCRIPT_ADD_DELAYED_JOB,
    SCRIPT_ADD_PRIORITIZED_JOB,
    SCRIPT_IS_FINISHED,
    SCRIPT_REMOVE_JOB,
    SCRIPT_REPROCESS_JOB,
    SCRIPT_DRAIN,
    SCRIPT_COUNT
} script_kind_t;

/* The keys of a queue, by what stands behind its prefix; and those of one job. */
#define KEY_MAP(X)                                                                                                     \
    X(KEY_WAIT, "wait")                                                                                                \
    X(KEY_PAUSED, "paused")                                                                                            \
    X(KEY_ACTIVE, "active")                                                                                            \
    X(KEY_PRIORITIZED, "prioritized")                                                                                  \
    X(KEY_PC, "pc")                                                                                                    \
    X(KEY_DELAYED, "delayed")                                                                                          \
    X(KEY_COMPLETED, "completed")                                                                                      \
    X(KEY_FAILED, "failed")                                                                                            \
    X(KEY_WAITING_CHILDREN, "waiting-children")                                                                        \
    X(KEY_MARKER, "marker")                                                                                            \
    X(KEY_STALLED, "stalled")                                                                                          \
    X(KEY_STALLED_CHECK, "stalled-check")                                                                              \
    X(KEY_LIMITER, "limiter")                                                                                          \
    X(KEY_META, "meta")                                                                                                \
    X(KEY_ID, "id")                                                                                                    \
    X(KEY_EVENTS, "events")                                                                                            \
    X(KEY_REPEAT, "repeat")                                                                                            \
    X(KEY_METRICS_COMPLETED, "metrics:completed")                                                                      \
    X(KEY_METRICS_FAILED, "metrics:failed")

typedef enum {
#define KEY_ENUM(kind, text) kind,
    KEY_MAP(KEY_ENUM)
#undef KEY_ENUM
        KEY_FIXED, /* so many; from here on they belong to a job or to what is done */
    KEY_JOB = KEY_FIXED,
    KEY_JOB_LOGS,
    KEY_TARGET,  /* completed or failed */
    KEY_METRICS, /* of the target */
} key_kind_t;

/* The longest list of keys is moveToFinished's. */
enum { SCRIPT_KEYS_MOST = 14 };

typedef struct {
    const char *name;               /* "moveToActive" */
    const char *text;               /* the Lua */
    size_t size;                    /* bytes of it */
    char sha1[41];                  /* that EVALSHA takes */
    uint8_t key_count;              /* KEYS */
    uint8_t keys[SCRIPT_KEYS_MOST]; /* key_kind_t, in their order */
} script_t;

extern const script_t scripts[MAJOR_COUNT][SCRIPT_COUNT];
extern const char *const scripts_version[MAJOR_COUNT]; /* "5.81.5" */
extern const char scripts_notice[];                    /* the licence under which they are built in */

#endif
