/* depot: one end's files: the demo's folder of uploads, or blobs under their hashes in a folder or a bucket.
 *
 * Which of the two a folder is follows from the store beside it (side.h). Safe for many threads once it is open.
 */
#ifndef YOGI_MOVE_DEPOT_H
#define YOGI_MOVE_DEPOT_H

#include "gateway/blobs/blobs.h"
#include "proto/settings.h"
#include "wordmap.h"

/* An object that is no blob of ours. */
typedef struct {
    const char *name;
    int64_t bytes;
} synced_t;

typedef struct {
    bool demo;           /* a folder, and the demo's */
    bool absent;         /* a folder that is not there yet and is not to be made now */
    const char *address; /* as it was typed */
    const char *path;    /* of a folder, absolute; NULL = a bucket */
    const char *bucket, *prefix;
    int folder;        /* descriptor of a folder; -1 = a bucket */
    blobs_t *blobs;    /* under their hashes; NULL: the demo's folder */
    s3_t *s3;          /* the bucket itself; NULL: a folder */
    wordmap_t *there;  /* keys of blobs that are in the bucket, to their bytes; NULL: not listed */
    wordmap_t *synced; /* ends of the names of other objects there, to numbers in objects */
    synced_t *objects;
    size_t object_count, object_room;
    arena_t *arena;
} depot_t;

typedef struct {
    const char *address;        /* "file:DIR", "s3://BUCKET/PREFIX"; NULL = as the settings say */
    const char *what;           /* "source's files" or "target's files", for people */
    const settings_t *settings; /* of the process: server and credentials of S3 */
    bool demo;                  /* a folder is the demo's */
    bool may_create;            /* a folder that is not there is made; else it may be absent where it is a target's */
    bool target;
    int64_t most_bytes_s; /* of one transfer; 0 = no limit */
} depot_plan_t;

/* Opens and looks whether it can be used: -1 with the fault. The depot is to be closed either way. */
int depot_open(depot_t *depot, const depot_plan_t *plan, fault_t *fault) __attribute__((warn_unused_result));
void depot_close(depot_t *depot);

/* Whether it can be written: nothing is left there. */
int depot_check(depot_t *depot, fault_t *fault) __attribute__((warn_unused_result));

/* Reads what is in the bucket; nothing where it is a folder. */
int depot_list(depot_t *depot, fault_t *fault) __attribute__((warn_unused_result));

/* 1 when the blob is there with so many bytes, 0, or -1 with the fault. */
int depot_has(depot_t *depot, const char *key, int64_t bytes, fault_t *fault) __attribute__((warn_unused_result));

/* The object that `aws s3 sync` has put there for the file of this name; NULL when there is none of so many bytes. */
const synced_t *depot_synced(const depot_t *depot, const char *name, int64_t bytes);

/* The name of the key's object in the bucket, into name. */
void depot_name(const depot_t *depot, const char *key, char name[S3_KEY_MOST + 1]);

#endif
