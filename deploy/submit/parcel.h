/* parcel: one document of `yogi submit`, from its file to its result. */
#ifndef YOGI_DEPLOY_PARCEL_H
#define YOGI_DEPLOY_PARCEL_H

#include "proto/base/hash.h"
#include "proto/base/ident.h"
#include "proto/dossier.h"
#include "submit_options.h"

/* Plain data. */
typedef struct {
    const char *path;         /* as it was named */
    char *url;                /* file:… of it; in the arena */
    char sha256[HASH_HEX];    /* of its bytes */
    int64_t bytes;            /* in it */
    ident_t job;              /* one for this run */
    uint64_t epoch;           /* the owner's counter */
    uint32_t crashes, losses; /* as the broker told */
    uint32_t at;              /* the stage of the route that it has come to */
    uint32_t part, parts;     /* of that stage, where it has told */
    bool ended;               /* the rest is filled */
    fault_t fault;            /* FAULT_NONE when it was read */
    buf_t text;               /* the result in the wanted form */
} parcel_t;

/* Reads and hashes the file and names the job. -1 with the fault in the parcel. */
int parcel_open(parcel_t *parcel, const char *path, arena_t *arena) __attribute__((warn_unused_result));

/* Appends the dossier to begin with. */
void parcel_pack(const parcel_t *parcel, const settings_t *settings, buf_t *out);

/* What a broker said of its end. Returns the dossier, or NULL where none came; the caller's to destroy. */
dossier_t *parcel_finish(parcel_t *parcel, const message_t *finished, const submit_options_t *options);

void parcel_free(parcel_t *parcel);

#endif
