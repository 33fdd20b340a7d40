/* slots: a host's slots divided among its brokers, for each stage: evenly at first, at least one each, then by what
 * each of them uses. A broker that filled all it has is hungry; what another has not used since the last division moves
 * there. The sum may pass the slots by one for each broker: such a job waits here, and no broker waits for ever.
 *
 * Above duties.h, where it reads what each broker holds; what is to be told to a broker goes into a list of actions.
 */
#ifndef YOGI_JOBS_SLOTS_H
#define YOGI_JOBS_SLOTS_H

#include "duties.h"
#include "jobs_action.h"

/* A broker's part. */
typedef struct {
    bool up;                               /* it is heard: it has a part */
    uint32_t allotted[MESSAGE_NAMES_MOST]; /* by stage */
    uint32_t told[MESSAGE_NAMES_MOST];     /* as last told by CREDIT */
} slots_part_t;

/* Zeroed and with the names, the numbers and the totals filled in it is ready. */
typedef struct {
    const char *names[MESSAGE_NAMES_MOST]; /* of the stages; borrowed */
    uint32_t totals[MESSAGE_NAMES_MOST];   /* slots of each stage; 0 while the host drains */
    uint32_t stages, brokers;              /* how many there are */
    slots_part_t parts[DUTIES_BROKERS_MOST];
    uint64_t credit; /* number of the last CREDIT */
    bool ended;      /* the host drains */
} slots_t;

/* A broker is heard, or not any more: everything is divided anew. */
void slots_heard(slots_t *slots, duties_t *duties, uint32_t broker, bool up);

/* A stage has so many slots from now on: what it has more goes to the hungry, or to all; what it has less is taken from
 * whoever has most. Nothing while the host drains. */
void slots_resize(slots_t *slots, duties_t *duties, uint32_t stage, uint32_t total);

/* No more jobs: nobody has a part. */
void slots_end(slots_t *slots, duties_t *duties);

/* By what was used since the last time. */
void slots_rebalance(slots_t *slots, duties_t *duties);

/* CREDIT to a broker that is heard, for all stages or for those of which it has changed; and such changes to all. */
void slots_tell(slots_t *slots, uint32_t broker, bool all, jobs_list_t *out);
void slots_tell_changes(slots_t *slots, jobs_list_t *out);

#endif
