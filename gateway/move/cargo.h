/* cargo: the files of a move: which there are, where each lies and goes, and their carriage by several threads.
 *
 * A file is known by its hash. Into a blob store it goes under that, once, whoever else has the same bytes; what is
 * there already is not carried again, what `aws s3 sync` has put there is copied within the bucket. Into the demo's
 * folder it goes under the name that its row has. Killed at any point and run again, the end is the same: a file is
 * there whole or not at all.
 */
#ifndef YOGI_MOVE_CARGO_H
#define YOGI_MOVE_CARGO_H

#include "depot.h"
#include "hashbook.h"
#include "progress.h"

#include <stdatomic.h>

/* One file. Texts lie in the cargo's arena. */
typedef struct {
    const char *document; /* id of one that has it, for people; NULL: a blob that no document has */
    const char *name; /* in the source's folder where it is loose, else in the target's; NULL: that is not the demo's */
    const char *tenant;
    char sha256[HASH_HEX]; /* "" until it is known */
    int64_t bytes;         /* -1 until it is known */
    bool loose;            /* in the source it is a file of the demo's folder, under its name; else a blob */
    bool missing;          /* the source does not have it */
} cargo_item_t;

/* What has been done so far; read by others while it works. */
typedef struct {
    atomic_llong files, bytes;           /* carried, or there already */
    atomic_llong carried, carried_bytes; /* of these: that had to travel */
    atomic_llong adopted;                /* copied from what was synced */
} cargo_figures_t;

typedef struct cargo cargo_t;

/* How it is carried. */
typedef struct {
    depot_t *source, *target;
    hashbook_t *source_book, *target_book;
    const char *work;            /* folder for temporary files */
    int jobs;                    /* threads */
    int64_t most_bytes_s;        /* between folders; 0 = no limit. Of S3 each transfer has its own (depot.h) */
    void (*tick)(void *user);    /* about ten times a second; NULL = none */
    bool (*stopped)(void *user); /* whether to end before the next file; NULL = never */
    void *user;
} cargo_plan_t;

cargo_t *cargo_new(const cargo_plan_t *plan);
void cargo_destroy(cargo_t **cargo); /* takes NULL; nulls the caller's pointer */

/* Adds a file; the item's texts are copied. Returns its number. */
size_t cargo_add(cargo_t *cargo, const cargo_item_t *item);

/* Gives an item its name, which is copied. */
void cargo_name(cargo_t *cargo, size_t number, const char *name);

/* Sets the hash that it is to have. */
void cargo_expect(cargo_t *cargo, size_t number, const char *sha256);

size_t cargo_count(const cargo_t *cargo);
const cargo_item_t *cargo_item(const cargo_t *cargo, size_t number);
const cargo_figures_t *cargo_figures(const cargo_t *cargo);

/* Carries all that are not missing. The first fault ends it; what was carried stays. */
int cargo_carry(cargo_t *cargo, fault_t *fault) __attribute__((warn_unused_result));

/* Finds the hashes of those in the demo's folder that are not known; from the book, where they have not changed. */
int cargo_hash(cargo_t *cargo, fault_t *fault) __attribute__((warn_unused_result));

/* Told of every file that is not as it should be: one line for people. */
typedef void cargo_fault_fn(void *user, const cargo_item_t *item, const char *side, const char *why);

/* Reads every `every`th file on both sides (1: all) and compares with its hash. *checked is how many were read.
 * -1 with the fault where a side cannot be asked. */
int cargo_check(cargo_t *cargo, int every, cargo_fault_fn *found, void *user, int64_t *checked, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
