/* fault: what went wrong, as one row of a table and one sentence for a person.
 *
 * For:   every operating error in every process; programming errors assert instead.
 * Rule:  a function that can fail returns 0 or -1 and fills the fault_t that its caller handed in. The sentence says
 *        what, where and what to do; text that comes from outside must pass text_neuter (fault_set does it).
 */
#ifndef YOGI_BASE_FAULT_H
#define YOGI_BASE_FAULT_H

/* How the one who asked should act on a fault (DESIGN.md section 5). */
typedef enum {
    FAULT_CLASS_NONE,      /* no fault */
    FAULT_CLASS_PERMANENT, /* the same input fails again: do not retry */
    FAULT_CLASS_RETRYABLE, /* may pass another time */
    FAULT_CLASS_FATAL,     /* this process cannot go on */
} fault_class_t;

/* code, name on the wire and in JSON, class, exit code of `yogi`, short text */
#define FAULT_MAP(X)                                                                                                   \
    X(FAULT_NONE, "none", FAULT_CLASS_NONE, 0, "no fault")                                                             \
    X(FAULT_USAGE, "usage", FAULT_CLASS_PERMANENT, 2, "the command line is wrong")                                     \
    X(FAULT_INPUT, "input", FAULT_CLASS_PERMANENT, 3, "the input cannot be opened or read")                            \
    X(FAULT_DENIED, "denied", FAULT_CLASS_PERMANENT, 1, "it belongs to somebody else")                                 \
    X(FAULT_EXPIRED, "source-expired", FAULT_CLASS_RETRYABLE, 3,                                                       \
      "the source of the document may no longer be fetched")                                                           \
    X(FAULT_UNREACHABLE, "unreachable", FAULT_CLASS_RETRYABLE, 3, "the source of the document cannot be reached")      \
    X(FAULT_UNSUPPORTED, "unsupported", FAULT_CLASS_PERMANENT, 4, "not a kind of document that can be read")           \
    X(FAULT_DAMAGED, "damaged", FAULT_CLASS_PERMANENT, 4, "the document is damaged")                                   \
    X(FAULT_ENCRYPTED, "encrypted", FAULT_CLASS_PERMANENT, 4, "the document is protected by a password")               \
    X(FAULT_TOO_LARGE, "too-large", FAULT_CLASS_PERMANENT, 5, "the document is over a limit")                          \
    X(FAULT_NOT_A_TIMETABLE, "not-a-timetable", FAULT_CLASS_PERMANENT, 6, "the document is not a timetable")           \
    X(FAULT_LANGUAGE, "language", FAULT_CLASS_PERMANENT, 7, "no model for the language or script")                     \
    X(FAULT_OUTPUT, "output", FAULT_CLASS_FATAL, 8, "the output cannot be written")                                    \
    X(FAULT_CRASHED, "crashed", FAULT_CLASS_RETRYABLE, 9, "the worker crashed")                                        \
    X(FAULT_KILLED, "killed", FAULT_CLASS_RETRYABLE, 9, "the worker was killed from outside")                          \
    X(FAULT_TIMEOUT, "timeout", FAULT_CLASS_RETRYABLE, 9, "the work took too long")                                    \
    X(FAULT_MEMORY, "memory", FAULT_CLASS_RETRYABLE, 9, "the work needed too much memory")                             \
    X(FAULT_MESSAGE, "bad-message", FAULT_CLASS_PERMANENT, 10, "a message is malformed")                               \
    X(FAULT_SETTING, "setting", FAULT_CLASS_FATAL, 2, "a setting is wrong")                                            \
    X(FAULT_SYSTEM, "system", FAULT_CLASS_RETRYABLE, 1, "the operating system refused")                                \
    X(FAULT_POISON, "poison", FAULT_CLASS_PERMANENT, 9, "the document has killed its worker again and again")          \
    X(FAULT_LOST, "lost", FAULT_CLASS_RETRYABLE, 9, "whoever worked on it vanished again and again")                   \
    X(FAULT_NO_ACTOR, "no-actor", FAULT_CLASS_RETRYABLE, 1, "nobody serves the stage")                                 \
    X(FAULT_UNAVAILABLE, "unavailable", FAULT_CLASS_RETRYABLE, 1, "a server that is needed does not answer")           \
    X(FAULT_DEADLINE, "deadline", FAULT_CLASS_PERMANENT, 9, "its time was over")                                       \
    X(FAULT_CANCELLED, "cancelled", FAULT_CLASS_PERMANENT, 130, "cancelled")

typedef enum {
#define FAULT_ENUM(code, name, class, exit, text) code,
    FAULT_MAP(FAULT_ENUM)
#undef FAULT_ENUM
        FAULT_COUNT
} fault_code_t;

/* Longest sentence kept, in bytes with the closing zero: three terminal lines. */
enum { FAULT_TEXT_BYTES = 400 };

typedef struct {
    fault_code_t code;           /* row of the table */
    char text[FAULT_TEXT_BYTES]; /* what, where, what to do; UTF-8, no control characters */
} fault_t;

/* Fills fault (may be NULL) by printf rules and neuters the sentence. Returns -1, so that `return fault_set (…)` reads
 * well. */
int fault_set(fault_t *fault, fault_code_t code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the sentence. Returns -1. */
int fault_prefix(fault_t *fault, const char *context);

const char *fault_name(fault_code_t code);    /* "damaged"; never NULL */
fault_code_t fault_code_of(const char *name); /* FAULT_SYSTEM for an unknown name */
fault_class_t fault_class(fault_code_t code); /* how to act */
int fault_exit(fault_code_t code);            /* exit code of `yogi` */
const char *fault_summary(fault_code_t code); /* the table's short text */

#endif
