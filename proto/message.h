/* message: what owners, brokers and actors say to one another. Every command is declared once, in a table
 * (message_table.c): its name, who may send it, its fields in their order with type, limits and whether they must be
 * there. One interpreter encodes, decodes, checks, prints and compares by it. PROTOCOL.md is the same in words.
 *
 *     frame    = 1*256 message
 *     message  = envelope body
 *     envelope = msgpack array [version, command, size of body, field …]
 *     body     = the dossier (or figures), untouched
 *
 * Called by the scheduler, the link and the host's job table, which see message_t alone, and by the rooms with sockets,
 * which turn it into frames. Pure. A decoder takes bytes from anybody: it is bounded and all-or-nothing and never
 * asserts.
 */
#ifndef YOGI_MESSAGE_H
#define YOGI_MESSAGE_H

#include "base/buf.h"
#include "base/chance.h"
#include "base/fault.h"
#include "base/ident.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* NAMES: stages in a route, or served by one host; the longest pipeline has six. FRAME: messages in one frame, past
 * which batching gains nothing. TOKENS: in one list, above the slots that a host may offer (SLOTS). NAME, TEXT and
 * TRACE in bytes. */
enum {
    MESSAGE_VERSION = 1,
    MESSAGE_NAMES_MOST = 8,
    MESSAGE_NAME_MOST = 32,
    MESSAGE_PEER_MOST = 64,
    MESSAGE_TEXT_MOST = 400,
    MESSAGE_TRACE_MOST = 55,
    MESSAGE_TENANT_MOST = 64,
    MESSAGE_FRAME_MOST = 256,
    MESSAGE_SLOTS_MOST = 1024,
    MESSAGE_TOKENS_MOST = 4096,
    MESSAGE_PRIORITY_MOST = (1 << 21) - 1,
    MESSAGE_ATTEMPTS_MOST = 1000,
    MESSAGE_WINDOW_MOST = 65536,
};

/* Largest body: the dossier of 100 dense pages has about 10 MB. */
#define MESSAGE_BODY_MOST (UINT32_C(64) * 1024 * 1024)

/* Largest attachment: the stage render draws at most 2600 by 2634 px, which noise fills with 20.6 MB of PNG. It and the
 * body of its message have together as many bytes as a body may have alone. */
#define MESSAGE_ATTACHMENT_MOST (UINT32_C(24) * 1024 * 1024)

/* Largest frame: the largest body with its envelope, and room for small ones beside it. A sender begins another frame
 * before it. */
#define MESSAGE_FRAME_BYTES_MOST (MESSAGE_BODY_MOST + UINT32_C(1024) * 1024)

/* Longest wait that can be asked for: 30 days, in milliseconds. */
#define MESSAGE_WAIT_MOST (UINT64_C(30) * 24 * 3600 * 1000)

typedef enum {
    COMMAND_NONE = 0,
    /* everybody */
    COMMAND_HELLO = 1,
    COMMAND_WELCOME = 2,
    COMMAND_HEARTBEAT = 3,
    COMMAND_GOODBYE = 4,
    COMMAND_ACK = 5,
    /* owner → broker; CANCEL goes from broker to actor too, STATS both ways */
    COMMAND_SUBMIT = 10,
    COMMAND_CANCEL = 11,
    COMMAND_STATS = 12,
    /* broker → owner; PROGRESS comes from actors */
    COMMAND_ACCEPTED = 20,
    COMMAND_REFUSED = 21,
    COMMAND_PROGRESS = 22,
    COMMAND_RECORD = 23,
    COMMAND_FINISHED = 24,
    /* actor → broker */
    COMMAND_CREDIT = 30,
    COMMAND_STARTED = 31,
    COMMAND_DONE = 32,
    COMMAND_FAILED = 33,
    COMMAND_RETURN = 34,
    COMMAND_OFFER = 35,
    /* broker → actor */
    COMMAND_JOB = 40,
    COMMAND_COUNT
} command_t;

/* Who speaks; a set of bits. An admin says HELLO as an owner, and asks for figures alone: its key has no jobs. */
typedef enum { ROLE_OWNER = 1, ROLE_ACTOR = 2, ROLE_BROKER = 4, ROLE_ADMIN = 8 } role_t;

typedef enum {
    REFUSED_BUSY = 1,    /* full: again later */
    REFUSED_NOT_ALLOWED, /* this key may not */
    REFUSED_STALE,       /* a higher epoch is known */
    REFUSED_BAD_MESSAGE, /* a field makes no sense here */
    REFUSED_UNKNOWN,     /* CANCEL of a job that is not here */
} refused_t;

typedef enum { BACKOFF_FIXED = 0, BACKOFF_EXPONENTIAL = 1 } backoff_t;

/* How a job failed, for whoever decides what comes next. */
typedef enum {
    FAILED_NONE = 0,
    FAILED_PERMANENT,      /* the same input fails again */
    FAILED_RETRYABLE,      /* waits, up to its attempts */
    FAILED_SOURCE_EXPIRED, /* its owner must submit it again with a fresh URL; no attempt counted */
    FAILED_TOO_LARGE,      /* over a limit */
    FAILED_CRASHED,        /* its own worker died, hung or outgrew its memory running it */
    FAILED_LOST,           /* its worker was killed from outside; not the document's fault */
    FAILED_CANCELLED,      /* the answer to CANCEL */
    FAILED_COUNT
} failed_t;

typedef enum { OUTCOME_NONE = 0, OUTCOME_COMPLETED, OUTCOME_FAILED, OUTCOME_CANCELLED } outcome_kind_t;

/* Where a job is, as told in ACCEPTED. */
typedef enum { PLACE_QUEUED = 1, PLACE_DELAYED, PLACE_RUNNING, PLACE_HELD, PLACE_ENDED } place_t;

/* Borrowed bytes, not closed with a zero. */
typedef struct {
    const char *at; /* NULL when size is 0 */
    uint32_t size;  /* bytes */
} slice_t;

/* What makes an answer this answer: which life of the broker, and which of its deeds. (0, 0) is none. */
typedef struct {
    uint64_t incarnation; /* random, one for each start of a broker; never 0 */
    uint64_t counter;     /* from 1 */
} token_t;

/* Every field of every command. A command uses those that its row in the table names; others are zero. Decoded slices
 * point into the decoded bytes. */
typedef struct {
    command_t command;
    ident_t job;                       /* the run of a document */
    ident_t instance;                  /* of the sender's process, random */
    uint64_t epoch;                    /* owner's counter for the job, from 1 */
    token_t token;                     /* of a job at an actor, a record, a session, or the last one given */
    uint64_t digest;                   /* of the tokens that an actor holds */
    uint64_t number;                   /* sequence of CREDIT; STATS question and answer */
    uint64_t budget;                   /* bytes that the job's dossier may grow to; 0 = as there is room */
    uint64_t remaining_ms;             /* until the deadline; 0 = none */
    uint64_t delay_ms;                 /* before the first run */
    uint64_t backoff_ms;               /* first wait after a retryable failure */
    uint64_t retry_ms;                 /* REFUSED busy: not before */
    uint32_t role;                     /* role_t of HELLO */
    uint32_t window;                   /* unanswered SUBMITs (WELCOME), or RECORDs and FINISHED (HELLO), at once */
    uint32_t heartbeat_ms, silence_ms; /* WELCOME: send one that often; silent that long is gone */
    uint32_t slots;                    /* CREDIT: jobs of this stage that may lie at the host */
    uint32_t held;                     /* HEARTBEAT: how many tokens an actor holds */
    uint32_t acked;                    /* ACK: command_t of what is acknowledged */
    uint32_t reason;                   /* refused_t */
    uint32_t priority;                 /* 0 first */
    uint32_t attempt;         /* of this stage; SUBMIT: attempts used up, JOB and RECORD: the present one, from 1 */
    uint32_t attempts;        /* allowed at each stage, from 1 */
    uint32_t crashes, losses; /* of the run so far */
    uint32_t backoff;         /* backoff_t */
    uint32_t jitter;          /* percent of a wait that chance may take off */
    uint32_t class;           /* failed_t */
    uint32_t outcome;         /* outcome_kind_t */
    uint32_t place;           /* place_t */
    uint32_t done, total;     /* PROGRESS: parts */
    bool record;              /* SUBMIT: a RECORD is wanted after each stage */
    bool resumed;             /* WELCOME: the broker still has all that it had of this session */
    bool want;                /* HEARTBEAT of a broker: send the list of tokens */
    bool listed;              /* HEARTBEAT of an actor: `tokens` is the whole list */
    bool last;                /* DONE: the run ends here whatever the route says */
    slice_t peer;             /* HELLO: name for people */
    slice_t stage;            /* name of a stage */
    slice_t next;             /* DONE: skip forward to this stage of the route; empty = the next one */
    slice_t fault;            /* name of a fault (proto/base/fault.h) */
    slice_t text;             /* a sentence for people */
    slice_t trace;            /* W3C traceparent */
    slice_t tenant;     /* SUBMIT, JOB: whose the document is, for stages that keep things; empty = the default's */
    slice_t tokens;     /* 16 bytes each */
    slice_t attachment; /* DONE, FINISHED: bytes beside the dossier, as the stage render makes them */
    slice_t names[MESSAGE_NAMES_MOST]; /* SUBMIT, JOB: the route from the present stage on; HELLO: stages served */
    uint32_t name_count;
    slice_t body; /* dossier or figures */
} message_t;

/* "SUBMIT"; NULL for a command that does not exist. */
const char *message_command_name(uint32_t command);

/* Whether a peer in this role may send the command. */
bool message_may_send(uint32_t command, role_t role);

/* Appends envelope and body. What is encoded is the caller's own: a message that its table refuses asserts. */
void message_encode(const message_t *message, buf_t *out);

/* Fills the message from the first one in the bytes and tells how many it took. On -1 nothing may be used. fault may be
 * NULL, which is fast where garbage is only counted. */
int message_decode(const void *bytes, size_t size, message_t *message, size_t *taken, fault_t *fault)
    __attribute__((warn_unused_result));

/* Fills up to MESSAGE_FRAME_MOST messages from a whole frame: all of them, or -1. Returns how many. */
int message_decode_frame(const void *bytes, size_t size, message_t messages[MESSAGE_FRAME_MOST], fault_t *fault)
    __attribute__((warn_unused_result));

/* Whether the fields lie within their table: 0, or -1 with the fault. For messages made by code that took values from
 * outside. */
int message_check(const message_t *message, fault_t *fault) __attribute__((warn_unused_result));

/* The class that a fault has on the wire where nothing more is known of it. */
failed_t message_failed(const fault_t *fault);

/* Same command, same fields, same body. */
bool message_equal(const message_t *a, const message_t *b);

/* Appends one line for people: "SUBMIT job=… epoch=1 …", texts neutered, the body as its size. */
void message_print(const message_t *message, buf_t *out);

/* Token i of a list, and how many there are. */
token_t message_token(slice_t tokens, uint32_t i);
uint32_t message_token_count(slice_t tokens);
void message_token_add(token_t token, buf_t *list);

/* What a token adds to a digest; digests are sums, so that order does not matter. */
static inline uint64_t message_token_digest(token_t token)
{
    return chance_mix(token.incarnation + chance_mix(token.counter));
}

static inline bool token_equal(token_t a, token_t b)
{
    return a.counter == b.counter && a.incarnation == b.incarnation;
}

/* The slice of a text; it must outlive the slice. */
slice_t slice_of(const char *text);
bool slice_is(slice_t slice, const char *text);

static inline bool slice_equal(slice_t a, slice_t b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

#endif
