/* manifest: which files the documents of a source have, where each lies and goes, and what becomes of their rows.
 *
 *     demo → ours   file_path is the blob's key, sha256 its hash, source_path the path that it had
 *     ours → demo   file_path is the path that it had; one that was uploaded here gets a path as the demo makes them
 *     ours → ours   as it is; but where our gateway took a demo's file over, and files still lie in the demo's folder,
 *                   as from the demo
 *
 * Read from the frozen source; hashes are known once the cargo was carried.
 */
#ifndef YOGI_MOVE_MANIFEST_H
#define YOGI_MOVE_MANIFEST_H

#include "cargo.h"
#include "reader.h"

typedef struct manifest manifest_t;

/* Reads the documents (and blobs) of the source. NULL with the fault. The parts of the plan outlive it. */
manifest_t *manifest_new(side_t *source, const cargo_plan_t *plan, fault_t *fault);
void manifest_destroy(manifest_t **manifest); /* takes NULL; nulls the caller's pointer */

cargo_t *manifest_cargo(const manifest_t *manifest);

/* Files that rows speak of and the source lacks, and the first of them in words, a line each. */
int64_t manifest_missing(const manifest_t *manifest);
const char *manifest_missing_examples(const manifest_t *manifest);

/* Files in the demo's folder that no row speaks of, which stay where they are; names that several documents share. */
int64_t manifest_extra(const manifest_t *manifest, int64_t *bytes);
int64_t manifest_shared(const manifest_t *manifest);

/* Bytes of all files, as far as they are known. */
int64_t manifest_bytes(const manifest_t *manifest);

/* Takes the hashes that the rows of the target have for those of the files: what both sides' bytes are held against. */
int manifest_expect(manifest_t *manifest, side_t *target, fault_t *fault) __attribute__((warn_unused_result));

/* Files of which the target's table of blobs says another size than they have. */
int manifest_sizes(manifest_t *manifest, side_t *target, int64_t *wrong, fault_t *fault)
    __attribute__((warn_unused_result));

/* The columns of documents that the move sets, beside those that both sides have. */
void manifest_columns(const manifest_t *manifest, columns_t *columns);

/* What becomes of a row of documents; user is the manifest. */
reader_fix_fn manifest_fix;

/* For the rows of blobs that the target has: those that the move has made for files of the demo's folder are none that
 * the source lacks. */
reader_fix_fn manifest_fix_blob;

/* Writes the rows of blobs into the target, whose documents refer to them. Within the caller's transaction. */
int manifest_write_blobs(const manifest_t *manifest, side_t *target, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
