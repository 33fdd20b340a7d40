/* hand: the jobs that one worker has been given, in the order in which it does them; a pure queue beside worker.h.
 *
 * The worker is at the first one; what it says is about that one. Who was given to wait behind it may be taken back
 * for another worker: such a job keeps its place, because its bytes are in the worker's hands already, and its answer
 * is dropped when it comes.
 */
#ifndef YOGI_HAND_H
#define YOGI_HAND_H

#include <stdbool.h>
#include <stdint.h>

/* Jobs in one worker's hands: past it the wake-ups that are saved are few beside the work itself (tests/tools/crewload:
 * 18, 12, 10 us of CPU a job at 1, 4, 16). */
enum { HAND_MOST = 16 };

typedef struct {
    uint64_t key;   /* the giver's */
    int64_t due_us; /* its deadline; INT64_MAX = none */
    bool is_back;   /* taken back: nobody waits for its answer */
} hand_job_t;

/* Plain; zeroed it is empty. */
typedef struct {
    hand_job_t jobs[HAND_MOST]; /* a ring */
    uint32_t first, count;      /* place of the first one; how many */
    int64_t since_us;           /* when the first one was begun */
    uint64_t backs[HAND_MOST];  /* keys that were taken back and not yet told of */
    uint32_t back_count;
} hand_t;

/* One more, behind the others (count < HAND_MOST, asserted). */
void hand_add(hand_t *hand, uint64_t key, int64_t due_us, int64_t now_us);

/* The one that the worker is at; NULL = it has none. */
const hand_job_t *hand_first(const hand_t *hand);

/* It is done: out of the hand (count > 0, asserted). The next one begins now. */
hand_job_t hand_end(hand_t *hand, int64_t now_us);

/* Whether the job is there and was not taken back: 0 for the one that the worker is at, then 1 and so on; -1 = no. */
int hand_place(const hand_t *hand, uint64_t key);

/* Takes back whoever waits behind so many (1: all but the first). Whether there was one. */
bool hand_take_back(hand_t *hand, uint32_t behind);

/* Whether one is there that was taken back: the worker is held up. */
bool hand_is_late(const hand_t *hand);

/* Whether a job waits behind the first one that was not taken back. */
bool hand_is_queued(const hand_t *hand);

/* The worker is gone: takes back all that are left, and the hand is empty. */
void hand_drop(hand_t *hand);

/* The key of one that was taken back, each once. False when there is none (any more). */
bool hand_next_back(hand_t *hand, uint64_t *key);

#endif
