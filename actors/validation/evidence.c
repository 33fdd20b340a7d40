/* evidence: see evidence.h. */
#include "evidence.h"

#include "proto/dossier.h"

#include <string.h>

/* A block's evidence has a limit in the dossier (proto/timetable.c); engines give some 20, validation some 15. */
enum { EVIDENCE_MOST = 64 };

static evidence_t *find(const timeblock_t *block, const char *name)
{
    for (size_t i = 0; i < block->evidence.count; i++) {
        evidence_t *evidence = LIST_AT(evidence_t, block->evidence, i);
        if (evidence->name && strcmp(evidence->name, name) == 0)
            return evidence;
    }
    return NULL;
}

double evidence_value(const timeblock_t *block, const char *name, double absent)
{
    const evidence_t *evidence = find(block, name);
    return evidence ? evidence->value : absent;
}

void evidence_set(arena_t *arena, timeblock_t *block, const char *name, double value)
{
    evidence_t *evidence = find(block, name);
    if (!evidence && block->evidence.count < EVIDENCE_MOST) {
        evidence = list_push(arena, &block->evidence, sizeof *evidence);
        evidence->name = name;
    }
    if (evidence)
        evidence->value = value;
}
