/* fence: keeps everybody but a move from writing into a store that was left: triggers on its tables that refuse, with
 * words that say where it went. Whatever program has the store open is stopped by them, the demo and a gateway too.
 * Reading goes on.
 */
#ifndef YOGI_MOVE_FENCE_H
#define YOGI_MOVE_FENCE_H

#include "side.h"

/* Within the caller's transaction. Raised again it stays; lifted where there is none, too. */
int fence_raise(side_t *side, fault_t *fault) __attribute__((warn_unused_result));
int fence_lift(side_t *side, fault_t *fault) __attribute__((warn_unused_result));

/* Whether it can be raised: to be asked before anything is copied. No transaction is open. */
int fence_may_raise(side_t *side, fault_t *fault) __attribute__((warn_unused_result));

/* Whether there is one. */
int fence_stands(side_t *side, bool *stands, fault_t *fault) __attribute__((warn_unused_result));

#endif
