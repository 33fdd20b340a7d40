/* rewind: a dossier as it was before one of its stages, so that a document is read again from there. Pure. */
#ifndef YOGI_GATEWAY_REWIND_H
#define YOGI_GATEWAY_REWIND_H

#include "gateway/store/view.h"
#include "proto/base/arena.h"
#include "proto/dossier.h"

#include <stdbool.h>

/* Whether the route has such a stage. */
bool rewind_knows(const char *stage);

/* What a run that begins at a stage goes on from. */
typedef struct {
    const char *stage; /* the one before it; NULL = it is the first */
    int place;         /* its index in the route, -1 */
    view_t dossier;    /* msgpack, in the arena; nothing where it is the first */
} rewound_t;

/* Takes from a dossier (msgpack) what the stage, which the route has, and those behind it have added; options: JSON
 * that replaces its own, NULL = as they are. -1 with the fault: FAULT_INPUT where the document has never come as far.
 */
int rewind_dossier(view_t dossier, const char *stage, const char *options, arena_t *arena, rewound_t *rewound,
                   fault_t *fault) __attribute__((warn_unused_result));

#endif
