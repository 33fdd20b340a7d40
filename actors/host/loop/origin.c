/* origin: see origin.h. */
#include "origin.h"
#include "proto/dossier.h"
#include "proto/pack.h"

typedef struct {
    extras_t extras;
    document_t document;
} head_t;

static const field_t fields[] = {{"document", FIELD_STRUCT, offsetof(head_t, document), &document_schema, 0, 0, 0}};
/* Of a dossier of megabytes only this much is copied. */
static const schema_t schema = {"dossier", sizeof(head_t), fields, sizeof fields / sizeof *fields, .forgets = true};

int origin_read(slice_t dossier, arena_t *arena, origin_t *origin, fault_t *fault)
{
    head_t head = {0};
    if (pack_decode(&schema, dossier.at, dossier.size, arena, &head, fault) < 0)
        return -1;
    if (!head.document.source || !*head.document.source)
        return fault_set(fault, FAULT_INPUT, "the job names no source for its document");
    *origin = (origin_t){head.document.source, head.document.sha256, head.document.bytes};
    return 0;
}
