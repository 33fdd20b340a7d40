/* trial_breakout: what code that has taken over a worker would try, each attempt by its name, for tests of the sandbox.
 */
#ifndef YOGI_TESTS_TRIAL_BREAKOUT_H
#define YOGI_TESTS_TRIAL_BREAKOUT_H

#include "proto/base/fault.h"

/* Tries "NAME [ARGUMENT]". 0 when the system let it happen; -1 with a fault that names the answer when it refused; the
 * process may end over it. */
int breakout(const char *what, fault_t *fault);

#endif
