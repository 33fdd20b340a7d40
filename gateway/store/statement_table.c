/* statement_table: see statement.h. Kept in the order of the enum, which is by noun. */
#include "statement_table.h"

#define ROW(which, called, takes, says) [STATEMENT_##which] = {called, takes, says, NULL}

/* The columns that documents.c, runs.c, timetables.c, events.c and letters.c read by their numbers. */
#define DOCUMENT                                                                                                       \
    "d.id, d.filename, d.file_path, d.file_type, d.file_size, d.status, {ms d.created_at}, {stamp d.created_at}, "     \
    "{ms COALESCE(d.updated_at,d.created_at)}, d.sha256, d.options, d.name, d.teacher_name, d.class_name, d.run, "     \
    "d.reused_from, d.confidence, d.pages, d.error, d.error_message, d.uploader"
#define RUN                                                                                                            \
    "o.run, o.document_id, o.tenant, o.epoch, o.owner, o.route, o.priority, o.attempts, o.attempt, o.crashes, "        \
    "o.losses, o.stage, o.place"
#define TIMETABLE                                                                                                      \
    "t.id, t.document_id, t.position, t.teacher_name, t.class_name, t.term, t.year, t.school, t.week, t.saved_name, "  \
    "t.timeblocks, t.confidence, t.validated, t.version, {ms t.created_at}, {stamp t.created_at}, "                    \
    "{ms COALESCE(t.updated_at,t.created_at)}"
#define EVENT "e.id, e.document_id, e.event_type, e.step_name, e.percentage, e.message, e.data, {ms e.created_at}"
/* what is written of stages and of events, from the rows of {stages} and {events} */
#define STAGE_COLUMNS "tenant, document_id, run, id, job_type, status, confidence, result_data, error_message, attempt"
#define STAGE         "s.id, s.stage, s.status, s.confidence, s.result, s.message, s.attempt"
#define EVENT_COLUMNS "tenant, document_id, event_type, step_name, percentage, message, data"
#define EVENT_NEW     "e.type, e.step, e.percentage, e.message, e.data"
#define LETTER                                                                                                         \
    "l.id, l.document_id, l.stage, l.error, l.message, l.attempts, l.crashes, l.losses, l.inputs, "                    \
    "{ms l.created_at}, {stamp l.created_at}"
#define TAKE_FREE                                                                                                      \
    "UPDATE outbox AS o SET owner = $1, epoch = epoch + 1 FROM free WHERE o.run = free.free_run RETURNING run, "       \
    "document_id, tenant, epoch"
/* what a version keeps of a timetable */
#define CONTENT                                                                                                        \
    "{object}('teacher_name', teacher_name, 'class_name', class_name, 'term', term, 'year', year, 'school', school, "  \
    "'week', week, 'saved_name', saved_name, 'confidence', confidence, 'validated', validated, 'run', run, "           \
    "'timeblocks', {nested timeblocks})"
/* a timetable's columns as the machine read them last, whatever people made of them */
#define AS_READ(column) "CASE WHEN v.version IS NULL THEN t." column " ELSE v.content->>'" column "' END"
#define AS_READ_NUMBER(column, type)                                                                                   \
    "CASE WHEN v.version IS NULL THEN t." column " ELSE CAST(v.content->>'" column "' AS " type ") END"
#define READ_WORDS                                                                                                     \
    AS_READ("teacher_name")                                                                                            \
    ", " AS_READ("class_name") ", " AS_READ("term") ", " AS_READ_NUMBER("year", "INTEGER") ", " AS_READ(               \
        "school") ", " AS_READ("week")
#define READ_BLOCKS  "CASE WHEN v.version IS NULL THEN t.timeblocks ELSE v.content->'timeblocks' END"
#define READ_COLUMNS READ_WORDS ", " READ_BLOCKS ", " AS_READ_NUMBER("confidence", "DOUBLE PRECISION")

const statement_row_t statement_table[STATEMENT_COUNT] = {
    /* ---- documents ----
     * One of them is looked up by its id alone, and whose it is compared afterwards: while nothing is known of the
     * tables (a database is new) the indexes that begin with the tenant look as good, and are read from end to end. */
    ROW(DOCUMENT_INSERT, "document_insert",
        "id:k tenant:k filename:t file_path:t file_type:t file_size:i status:k sha256:k options:j "
        "options_hash:k name:t "
        "teacher_name:t class_name:t uploader:k run:k reused_from:k",
        "INSERT INTO documents (id, tenant, filename, file_path, file_type, file_size, status, sha256, "
        "options, "
        "options_hash, name, teacher_name, class_name, uploader, run, reused_from, updated_at, confidence, "
        "pages) "
        "SELECT $1, $2, $3, $4, $5, $6, $7, $8, {json $9}, $10, $11, $12, $13, $14, $15, $16, {now}, "
        "(SELECT confidence FROM documents WHERE id = $16), (SELECT pages FROM documents WHERE id = $16) "
        "WHERE TRUE ON CONFLICT (id) DO NOTHING"),
    ROW(DOCUMENT_IMPORT, "document_import",
        "id:k tenant:k external_id:k filename:t file_path:t file_type:t file_size:i run:k",
        "INSERT INTO documents (id, tenant, external_id, filename, file_path, file_type, file_size, status, run, "
        "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'uploaded', $8, {now}) ON CONFLICT DO NOTHING"),
    /* by its id, by its id in the usual form, or by another owner's name for it */
    ROW(DOCUMENT_KNOWN, "document_known", "tenant:k id:k uuid:k",
        "SELECT d.id FROM documents d WHERE d.tenant = $1 AND d.id IN ($2, $3) UNION ALL SELECT d.id FROM documents d "
        "WHERE d.tenant = $1 AND d.external_id = $2"),
    ROW(DOCUMENT_GET, "document_get", "tenant:k id:k",
        "SELECT " DOCUMENT " FROM documents d WHERE d.id = $2 AND {plain d.tenant} = $1"),
    ROW(DOCUMENT_LOCK, "document_lock", "tenant:k id:k",
        "SELECT d.status, d.run, d.sha256 FROM documents d WHERE d.id = $2 AND {plain d.tenant} = $1 {lock}"),
    ROW(DOCUMENT_LIST, "document_list", "tenant:k cursor:k cursor_id:k limit:i offset:i",
        "SELECT " DOCUMENT " FROM documents d WHERE d.tenant = $1 AND (d.created_at, d.id) < ({from $2}, $3) "
        "ORDER BY d.created_at DESC, d.id DESC LIMIT $4 OFFSET $5"),
    ROW(DOCUMENT_LIST_STATUS, "document_list_status", "tenant:k cursor:k cursor_id:k limit:i offset:i status:k",
        "SELECT " DOCUMENT " FROM documents d WHERE d.tenant = $1 AND d.status = $6 AND "
        "(d.created_at, d.id) < ({from $2}, $3) ORDER BY d.created_at DESC, d.id DESC LIMIT $4 OFFSET $5"),
    /* The newest hits of the longest word, so many at most; the other words are looked up for each. (The cursor is a
     * query of its own because it is text: it would be read anew for each hit, which costs more than all the rest.) */
    ROW(DOCUMENT_SEARCH, "document_search",
        "tenant:k cursor:k cursor_id:k limit:i offset:i status:k from:k to:k others:j most:i",
        "SELECT " DOCUMENT " FROM (SELECT DISTINCT document_id FROM (SELECT document_id FROM document_words WHERE "
        "tenant = $1 AND word >= $7 AND word < $8 ORDER BY word DESC, document_id DESC LIMIT $10) AS near) "
        "AS hit "
        "JOIN documents d ON d.id = hit.document_id WHERE d.tenant = $1 AND (d.created_at, d.id) < ((SELECT {from "
        "$2}), $3) "
        "AND ($6 = '' OR d.status = $6) AND NOT EXISTS (SELECT 1 FROM {each $9} WHERE NOT EXISTS (SELECT 1 "
        "FROM "
        "document_words w WHERE w.document_id = d.id AND substr(w.word, 1, length(each.value)) = "
        "each.value)) "
        "ORDER BY d.created_at DESC, d.id DESC LIMIT $4 OFFSET $5"),
    ROW(DOCUMENT_MOVE, "document_move", "tenant:k id:k to:k from:t",
        "UPDATE documents SET status = $3, updated_at = {now} WHERE id = $2 AND {plain tenant} = $1 AND {among $4 "
        "status}"),
    ROW(DOCUMENT_FINISH, "document_finish", "tenant:k id:k to:k from:t confidence:f pages:i error:k message:t",
        "UPDATE documents SET status = $3, updated_at = {now}, confidence = $5, pages = COALESCE($6, "
        "pages), error = $7, "
        "error_message = $8 WHERE id = $2 AND {plain tenant} = $1 AND {among $4 status}"),
    ROW(DOCUMENT_AGAIN, "document_again", "tenant:k id:k from:t run:k options:j options_hash:k",
        "UPDATE documents SET status = 'uploaded', updated_at = {now}, run = $4, options = COALESCE({json "
        "$5}, options), "
        "options_hash = COALESCE($6, options_hash), error = NULL, error_message = NULL, reused_from = NULL "
        "WHERE id = $2 AND {plain tenant} = $1 AND {among $3 status}"),
    ROW(DOCUMENT_DELETE, "document_delete", "tenant:k id:k",
        "DELETE FROM documents WHERE id = $2 AND {plain tenant} = $1"),
    ROW(DOCUMENT_STAGES, "document_stages", "tenant:k id:k",
        "SELECT j.run, j.job_type, j.status, j.confidence, j.error_message, j.attempt, {ms j.created_at}, "
        "j.result_data "
        "FROM processing_jobs j WHERE j.document_id = $2 AND j.tenant = $1 ORDER BY j.created_at, j.id"),
    ROW(WORDS_ADD, "words_add", "tenant:k id:k words:j",
        "INSERT INTO document_words (tenant, word, document_id) SELECT $1, each.value, $2 FROM {each $3} "
        "WHERE "
        "EXISTS (SELECT 1 FROM documents WHERE id = $2) ON CONFLICT DO NOTHING"),
    ROW(IDEMPOTENCY_CLAIM, "idempotency_claim", "tenant:k key:k part:i fingerprint:k id:k",
        "INSERT INTO idempotency (tenant, key, part, fingerprint, document_id) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (tenant, key, part) DO NOTHING"),
    ROW(IDEMPOTENCY_FIND, "idempotency_find", "tenant:k key:k part:i",
        "SELECT fingerprint, document_id FROM idempotency WHERE tenant = $1 AND key = $2 AND part = $3"),
    ROW(IDEMPOTENCY_SWEEP, "idempotency_sweep", "age_ms:i", "DELETE FROM idempotency WHERE created_at < {ago $1}"),

    /* ---- blobs ---- */
    ROW(BLOB_HOLD, "blob_hold", "tenant:k sha256:k bytes:i hold_ms:i birth:k",
        "INSERT INTO blobs (tenant, sha256, bytes, state, held_until, birth) VALUES ($1, $2, $3, "
        "'pending', {in $4}, $5) "
        "ON CONFLICT (tenant, sha256) DO UPDATE SET held_until = CASE WHEN blobs.held_until > "
        "EXCLUDED.held_until THEN "
        "blobs.held_until ELSE EXCLUDED.held_until END WHERE blobs.state <> 'deleting' RETURNING state, "
        "birth"),
    ROW(BLOB_CLAIM, "blob_claim", "tenant:k sha256:k birth:k options_hash:k",
        "UPDATE blobs SET state = 'present' WHERE tenant = $1 AND sha256 = $2 AND birth = $3 AND state <> 'deleting' "
        "RETURNING (SELECT d.id FROM documents d WHERE {plain d.tenant} = $1 AND d.sha256 = $2 AND d.options_hash = "
        "$4 AND COALESCE(d.status, '') IN ('completed', 'needs_review') AND d.run IS NOT NULL ORDER BY d.created_at "
        "DESC LIMIT 1)"),
    ROW(BLOB_KEEP, "blob_keep", "tenant:k sha256:k birth:k",
        "UPDATE blobs SET state = 'present' WHERE tenant = $1 AND sha256 = $2 AND birth = $3 AND state <> 'deleting'"),
    ROW(BLOB_LOCK, "blob_lock", "tenant:k sha256:k",
        "SELECT state FROM blobs WHERE tenant = $1 AND sha256 = $2 {lock}"),
    ROW(BLOB_LET_GO, "blob_let_go", "tenant:k sha256:k",
        "UPDATE blobs SET state = CASE WHEN held_until < {now} THEN 'deleting' ELSE 'pending' END WHERE "
        "tenant = $1 AND "
        "sha256 = $2 AND NOT EXISTS (SELECT 1 FROM documents d WHERE {plain d.tenant} = $1 AND d.sha256 = $2) "
        "AND NOT EXISTS (SELECT 1 FROM pictures p WHERE p.tenant = $1 AND p.sha256 = $2)"),
    ROW(BLOB_DOOMED, "blob_doomed", "lease_ms:i limit:i",
        "WITH doomed AS MATERIALIZED (SELECT tenant, sha256 FROM blobs WHERE state <> 'present' AND "
        "held_until < {now} "
        "ORDER BY held_until LIMIT $2 {lock-free}) UPDATE blobs SET state = 'deleting', held_until = {in "
        "$1} FROM doomed "
        "WHERE blobs.tenant = doomed.tenant AND blobs.sha256 = doomed.sha256 RETURNING blobs.tenant, "
        "blobs.sha256, blobs.bytes"),
    ROW(BLOB_FORGET, "blob_forget", "tenant:k sha256:k",
        "DELETE FROM blobs WHERE tenant = $1 AND sha256 = $2 AND state = 'deleting'"),
    ROW(BLOB_SPARE, "blob_spare", "tenant:k sha256:k rest_ms:i",
        "UPDATE blobs SET held_until = {in $3} WHERE tenant = $1 AND sha256 = $2 AND state = 'deleting'"),
    /* a key is tenant/sha256, of which the digest has 64 characters */
    ROW(BLOB_STRAYS, "blob_strays", "keys:j",
        "SELECT value FROM {each $1} WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.tenant = substr(value, 1, "
        "length(value) - 65) AND b.sha256 = substr(value, length(value) - 63))"),
    ROW(BLOB_CONDEMN, "blob_condemn", "tenant:k sha256:k lease_ms:i birth:k",
        "INSERT INTO blobs (tenant, sha256, bytes, state, held_until, birth) VALUES ($1, $2, 0, 'deleting', {in $3}, "
        "$4) "
        "ON CONFLICT (tenant, sha256) DO NOTHING"),

    /* ---- pictures ---- */
    ROW(PICTURE_GET, "picture_get", "tenant:k id:k page:i layers:i",
        "SELECT s.run, p.print, p.sha256, p.bytes FROM dossiers s LEFT JOIN pictures p ON p.document_id = "
        "s.document_id "
        "AND p.page = $3 AND p.layers = $4 WHERE s.document_id = $2 AND s.tenant = $1"),
    ROW(PICTURE_LOCK, "picture_lock", "id:k page:i layers:i",
        "SELECT sha256 FROM pictures WHERE document_id = $1 AND page = $2 AND layers = $3 {lock}"),
    ROW(PICTURE_PUT, "picture_put", "id:k page:i layers:i tenant:k print:k sha256:k bytes:i",
        "INSERT INTO pictures (document_id, page, layers, tenant, print, sha256, bytes) VALUES ($1, $2, $3, $4, $5, "
        "$6, "
        "$7) ON CONFLICT (document_id, page, layers) DO UPDATE SET print = EXCLUDED.print, sha256 = EXCLUDED.sha256, "
        "bytes = EXCLUDED.bytes, created_at = {now}"),
    ROW(PICTURE_BLOBS, "picture_blobs", "tenant:k id:k",
        "SELECT DISTINCT sha256 FROM pictures WHERE document_id = $2 AND tenant = $1 ORDER BY sha256"),
    ROW(PICTURE_SWEEP, "picture_sweep", "age_ms:i",
        "DELETE FROM pictures WHERE (document_id, page, layers) IN (SELECT document_id, page, layers FROM pictures "
        "WHERE "
        "created_at < {ago $1} ORDER BY created_at LIMIT 100 {lock-free}) RETURNING tenant, sha256"),

    /* ---- runs ---- */
    ROW(OWNER_HOLD, "owner_hold", "owner:k lease_ms:i",
        "INSERT INTO owners (id, lease_until) VALUES ($1, {in $2}) ON CONFLICT (id) DO UPDATE SET "
        "lease_until = "
        "EXCLUDED.lease_until"),
    ROW(OWNER_LEAVE, "owner_leave", "owner:k", "DELETE FROM owners WHERE id = $1"),
    ROW(OWNER_SWEEP, "owner_sweep", "age_ms:i",
        "DELETE FROM owners WHERE lease_until < {ago $1} AND NOT EXISTS (SELECT 1 FROM outbox o WHERE "
        "o.owner = "
        "owners.id)"),
    /* The document is looked up by its id alone: an index by status is full of what has just left it. */
    ROW(RUN_INSERT, "run_insert", "run:k id:k tenant:k owner:k route:t priority:i attempts:i stage:k place:i dossier:b",
        "INSERT INTO outbox (run, document_id, tenant, owner, route, priority, attempts, stage, place, dossier) "
        "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE (SELECT d.tenant = $3 AND d.run = $1 AND d.status = "
        "'uploaded' FROM documents d WHERE d.id = $2) ON CONFLICT DO NOTHING"),
    ROW(RUN_RELEASE, "run_release", "owner:k", "UPDATE outbox SET owner = '' WHERE owner = $1"),
    /* the oldest of each owner that is gone, so that the plan stays on the index whatever the table holds */
    [STATEMENT_RUN_TAKE] =
        {"run_take", "owner:k",
         "WITH free AS MATERIALIZED (SELECT o.run AS free_run FROM (SELECT id FROM owners WHERE lease_until < {now} "
         "UNION "
         "ALL SELECT '') AS gone CROSS JOIN LATERAL (SELECT run FROM outbox WHERE owner = gone.id ORDER BY run LIMIT "
         "100 "
         "{lock-free}) AS o LIMIT 100) " TAKE_FREE,
         "WITH free AS MATERIALIZED (SELECT run AS free_run FROM outbox WHERE owner IN (SELECT id FROM owners WHERE "
         "lease_until < {now} UNION ALL SELECT '') LIMIT 100) " TAKE_FREE},
    ROW(RUN_MINE, "run_mine", "owner:k after:k limit:i",
        "SELECT run, document_id, tenant, epoch FROM outbox WHERE owner = $1 AND run > $2 ORDER BY run LIMIT $3"),
    ROW(RUN_GET, "run_get", "run:k",
        "SELECT " RUN ", " DOCUMENT " FROM outbox o JOIN documents d ON d.id = o.document_id WHERE o.run = $1"),
    ROW(RUN_DOSSIER, "run_dossier", "run:k", "SELECT dossier FROM outbox WHERE run = $1"),
    ROW(RUN_RAISE, "run_raise", "run:k owner:k epoch:i",
        "UPDATE outbox SET epoch = $3 WHERE run = $1 AND owner = $2 AND epoch <= $3"),
    ROW(RUN_COUNT, "run_count", "run:k epoch:i attempt:i crashes:i losses:i",
        "UPDATE outbox SET attempt = $3, crashes = $4, losses = $5 WHERE run = $1 AND epoch = $2"),
    ROW(RUN_START, "run_start", "run:k epoch:i from:t",
        "UPDATE documents SET status = 'processing', updated_at = {now} WHERE id = (SELECT document_id "
        "FROM outbox WHERE "
        "run = $1 AND epoch = $2) AND {among $3 status}"),
    ROW(RUN_STAGES, "run_stages", "run:k epoch:i stages:j",
        "INSERT INTO processing_jobs (" STAGE_COLUMNS ") SELECT o.tenant, o.document_id, o.run, " STAGE
        " FROM outbox o, {stages $3} WHERE o.run = $1 AND o.epoch = $2 ON CONFLICT (document_id, run, job_type) DO "
        "NOTHING"),
    ROW(RUN_RECORD, "run_record", "run:k epoch:i stage:k place:i dossier:b attempt:i crashes:i losses:i",
        "UPDATE outbox SET stage = $3, place = $4, dossier = $5, attempt = $6, crashes = $7, losses = $8 "
        "WHERE run = $1 "
        "AND epoch = $2 AND place < $4"),
    ROW(RUN_END, "run_end", "run:k epoch:i",
        "DELETE FROM outbox WHERE run = $1 AND epoch = $2 RETURNING document_id, tenant, route, (SELECT "
        "count(*) FROM "
        "timetables t WHERE t.document_id = outbox.document_id AND t.position IS NOT NULL)"),
    ROW(RUN_DROP, "run_drop", "tenant:k id:k", "DELETE FROM outbox WHERE document_id = $2 AND tenant = $1"),
    ROW(STAGES_ADD, "stages_add", "tenant:k id:k run:k stages:j",
        "INSERT INTO processing_jobs (" STAGE_COLUMNS ") SELECT $1, $2, $3, " STAGE
        " FROM {stages $4} WHERE TRUE ON CONFLICT (document_id, run, job_type) DO NOTHING"),
    /* a bad end may be followed by a good one, which is the last */
    ROW(STAGE_CLAIM, "stage_claim", "job:k tenant:k id:k run:k stage:k status:k confidence:f message:t",
        "INSERT INTO processing_jobs (id, tenant, document_id, run, job_type, status, confidence, error_message) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (document_id, run, job_type) DO UPDATE SET status = "
        "EXCLUDED.status, confidence = EXCLUDED.confidence, error_message = EXCLUDED.error_message WHERE "
        "processing_jobs.status = 'failed' AND EXCLUDED.status = 'completed'"),
    ROW(CALL_OFF, "call_off", "tenant:k id:k",
        "INSERT INTO call_offs (owner, run) SELECT owner, run FROM outbox WHERE document_id = $2 AND "
        "tenant = $1 AND "
        "owner <> '' ON CONFLICT DO NOTHING"),
    ROW(CALL_OFF_TAKE, "call_off_take", "owner:k", "DELETE FROM call_offs WHERE owner = $1 RETURNING run"),
    ROW(CALL_OFF_SWEEP, "call_off_sweep", "age_ms:i", "DELETE FROM call_offs WHERE created_at < {ago $1}"),
    ROW(DOSSIER_PUT, "dossier_put", "id:k tenant:k run:k body:b",
        "INSERT INTO dossiers (document_id, tenant, run, body) VALUES ($1, $2, $3, $4) ON CONFLICT "
        "(document_id) DO "
        "UPDATE SET run = EXCLUDED.run, body = EXCLUDED.body"),
    ROW(DOSSIER_GET, "dossier_get", "tenant:k id:k",
        "SELECT run, body FROM dossiers WHERE document_id = $2 AND tenant = $1"),
    ROW(DOSSIER_COPY, "dossier_copy", "id:k run:k of:k",
        "INSERT INTO dossiers (document_id, tenant, run, body) SELECT $1, tenant, $2, body FROM dossiers "
        "WHERE "
        "document_id = $3 ON CONFLICT DO NOTHING"),

    /* ---- timetables ---- */
    ROW(TIMETABLE_INSERT, "timetable_insert",
        "id:k tenant:k document_id:k position:i run:k teacher_name:t class_name:t term:t year:i school:t "
        "week:t "
        "saved_name:t timeblocks:j confidence:f validated:o edit:k",
        "INSERT INTO timetables (id, tenant, document_id, position, run, teacher_name, class_name, term, "
        "year, school, "
        "week, saved_name, timeblocks, confidence, validated, edit, updated_at) VALUES ($1, $2, $3, $4, "
        "$5, $6, $7, $8, "
        "$9, $10, $11, $12, {json $13}, $14, $15, $16, {now}) ON CONFLICT DO NOTHING"),
    ROW(TIMETABLE_COPY, "timetable_copy", "id:k document_id:k run:k of:k",
        "INSERT INTO timetables (id, tenant, document_id, position, run, teacher_name, class_name, term, year, "
        "school, week, timeblocks, confidence, updated_at) SELECT $1, t.tenant, $2, t.position, $3, " READ_COLUMNS
        ", {now} FROM timetables t LEFT JOIN timetable_versions v ON v.timetable_id = t.id AND t.edit IS NOT NULL "
        "AND v.version = (SELECT max(w.version) FROM timetable_versions w WHERE w.timetable_id = t.id AND w.edit IS "
        "NULL) WHERE t.id = $4 ON CONFLICT DO NOTHING"),
    ROW(TIMETABLE_READ, "timetable_read", "document_id:k",
        "SELECT t.id, t.position, t.validated FROM timetables t WHERE t.document_id = $1 AND t.position IS "
        "NOT NULL {lock}"),
    ROW(TIMETABLE_REREAD, "timetable_reread",
        "id:k run:k teacher_name:t class_name:t term:t year:i school:t week:t timeblocks:j confidence:f",
        "UPDATE timetables SET run = $2, teacher_name = $3, class_name = $4, term = $5, year = $6, school "
        "= $7, "
        "week = $8, timeblocks = {json $9}, confidence = $10, edit = NULL, version = version + 1, "
        "updated_at = {now} "
        "WHERE id = $1 AND NOT validated"),
    ROW(TIMETABLE_REST, "timetable_rest", "document_id:k position:i",
        "DELETE FROM timetables WHERE document_id = $1 AND position >= $2 AND NOT validated"),
    ROW(TIMETABLE_OF, "timetable_of", "tenant:k document_id:k limit:i",
        "SELECT " TIMETABLE
        " FROM timetables t WHERE t.document_id = $2 AND {plain t.tenant} = $1 ORDER BY t.position IS NULL, "
        "t.position, t.created_at, t.id LIMIT $3"),
    ROW(TIMETABLE_GET, "timetable_get", "tenant:k id:k",
        "SELECT " TIMETABLE " FROM timetables t WHERE t.id = $2 AND {plain t.tenant} = $1"),
    ROW(TIMETABLE_LIST, "timetable_list", "tenant:k cursor:k cursor_id:k limit:i offset:i",
        "SELECT " TIMETABLE " FROM timetables t WHERE t.tenant = $1 AND (t.created_at, t.id) < ({from $2}, $3) "
        "ORDER BY t.created_at DESC, t.id DESC LIMIT $4 OFFSET $5"),
    ROW(TIMETABLE_LOCK, "timetable_lock", "tenant:k id:k",
        "SELECT t.version, t.edit, t.document_id FROM timetables t WHERE t.id = $2 AND {plain t.tenant} = $1 "
        "{lock}"),
    ROW(TIMETABLE_ARCHIVE, "timetable_archive", "id:k",
        "INSERT INTO timetable_versions (timetable_id, version, tenant, content, edit) SELECT id, version, "
        "tenant, " CONTENT ", edit FROM timetables WHERE id = $1 ON CONFLICT DO NOTHING"),
    ROW(TIMETABLE_PUT, "timetable_put",
        "tenant:k id:k version:i teacher_name:t class_name:t term:t year:i school:t week:t saved_name:t "
        "timeblocks:j "
        "validated:o edit:k",
        "UPDATE timetables SET teacher_name = $4, class_name = $5, term = $6, year = $7, school = $8, week "
        "= $9, "
        "saved_name = $10, timeblocks = {json $11}, validated = $12, edit = $13, version = version + 1, "
        "updated_at = {now} "
        "WHERE id = $2 AND {plain tenant} = $1 AND version = $3"),
    ROW(TIMETABLE_VERSIONS, "timetable_versions", "tenant:k id:k limit:i",
        "SELECT v.version, v.content, v.edit, {ms v.created_at} FROM timetable_versions v WHERE "
        "v.timetable_id = $2 AND "
        "v.tenant = $1 ORDER BY v.version DESC LIMIT $3"),

    /* ---- events ---- */
    ROW(EVENT_ADD, "event_add", "tenant:k document_id:k type:k step:k percentage:i message:t data:j",
        "INSERT INTO processing_events (tenant, document_id, event_type, step_name, percentage, message, "
        "data) VALUES "
        "($1, $2, $3, $4, $5, $6, {json $7})"),
    ROW(EVENTS_ADD, "events_add", "tenant:k document_id:k events:j",
        "INSERT INTO processing_events (" EVENT_COLUMNS ") SELECT $1, $2, " EVENT_NEW " FROM {events $3}"),
    /* The run's row is locked first, so that the events of a document become visible in the order of their ids. */
    ROW(RUN_EVENTS, "run_events", "run:k epoch:i events:j",
        "INSERT INTO processing_events (" EVENT_COLUMNS ") SELECT held.tenant, held.document_id, " EVENT_NEW
        " FROM (SELECT tenant, document_id FROM outbox WHERE run = $1 AND epoch = $2 {lock}) AS held, {events $3}"),
    ROW(EVENT_AFTER, "event_after", "tenant:k document_id:k after:i limit:i",
        "SELECT " EVENT " FROM processing_events e WHERE e.document_id = $2 AND e.tenant = $1 AND e.id > $3 "
        "ORDER BY e.id LIMIT $4"),
    ROW(EVENT_WATCH, "event_watch", "watched:j limit:i",
        "SELECT " EVENT " FROM {watch $1} JOIN processing_events e ON e.document_id = w.d AND e.id > w.a "
        "ORDER BY e.document_id, e.id LIMIT $2"),
    ROW(EVENT_NEWEST, "event_newest", "", "SELECT COALESCE(max(id), 0) FROM processing_events"),
    ROW(EVENT_SWEEP, "event_sweep", "age_ms:i",
        "DELETE FROM processing_events WHERE id IN (SELECT id FROM processing_events WHERE created_at < "
        "{ago $1} "
        "ORDER BY created_at LIMIT 250)"),

    /* ---- dead letters ---- */
    ROW(LETTER_ADD, "letter_add",
        "run:k tenant:k document_id:k stage:k error:k message:t attempts:i crashes:i losses:i route:t",
        "INSERT INTO dead_letters (id, tenant, document_id, stage, error, message, attempts, crashes, "
        "losses, inputs) "
        "SELECT $1, d.tenant, d.id, $4, $5, $6, $7, $8, $9, {object}('filename', d.filename, 'sha256', "
        "d.sha256, "
        "'options', {nested d.options}, 'route', $10) FROM documents d WHERE d.id = $3 AND d.tenant = $2 "
        "ON CONFLICT DO NOTHING"),
    ROW(LETTER_LIST, "letter_list", "tenant:k cursor:k cursor_id:k limit:i",
        "SELECT " LETTER " FROM dead_letters l WHERE l.tenant = $1 AND (l.created_at, l.id) < ({from $2}, $3) "
        "ORDER BY l.created_at DESC, l.id DESC LIMIT $4"),
    ROW(LETTER_GET, "letter_get", "tenant:k id:k",
        "SELECT " LETTER " FROM dead_letters l WHERE l.id = $2 AND {plain l.tenant} = $1"),
    ROW(LETTER_DROP, "letter_drop", "tenant:k document_id:k",
        "DELETE FROM dead_letters WHERE document_id = $2 AND {plain tenant} = $1"),

    /* ---- access ---- */
    ROW(TENANT_ADD, "tenant_add", "id:k name:t",
        "INSERT INTO tenants (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING"),
    ROW(TENANT_LIST, "tenant_list", "after:k limit:i",
        "SELECT id, name, {ms created_at} FROM tenants WHERE id > $1 ORDER BY id LIMIT $2"),
    ROW(KEY_ADD, "key_add", "id:k tenant:k name:t role:k hash:k expires_in_ms:i",
        "INSERT INTO api_keys (id, tenant, name, role, hash, expires_at) VALUES ($1, $2, $3, $4, $5, "
        "CASE WHEN $6 > 0 THEN {in $6} END) ON CONFLICT (id) DO NOTHING"),
    ROW(KEY_FIND, "key_find", "hash:k",
        "SELECT id, tenant, name, role FROM api_keys WHERE hash = $1 AND revoked_at IS NULL AND "
        "(expires_at IS NULL OR "
        "expires_at > {now})"),
    ROW(KEY_LIST, "key_list", "tenant:k after:k limit:i",
        "SELECT id, tenant, name, role, {ms created_at}, {ms expires_at}, {ms revoked_at} FROM api_keys "
        "WHERE tenant = $1 "
        "AND id > $2 ORDER BY id LIMIT $3"),
    ROW(KEY_REVOKE, "key_revoke", "tenant:k id:k",
        "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, {now}) WHERE id = $2 AND tenant = $1"),
    ROW(FEED_ADD, "feed_add", "hash:k tenant:k document_id:k",
        "INSERT INTO feed_tokens (hash, tenant, document_id) SELECT $1, d.tenant, d.id FROM documents d "
        "WHERE d.id = $3 "
        "AND d.tenant = $2 ON CONFLICT (hash) DO NOTHING"),
    ROW(FEED_FIND, "feed_find", "hash:k", "SELECT tenant, document_id FROM feed_tokens WHERE hash = $1"),
    ROW(FEED_REVOKE, "feed_revoke", "tenant:k document_id:k",
        "DELETE FROM feed_tokens WHERE document_id = $2 AND tenant = $1"),

    /* ---- choices ---- */
    ROW(CHOICE_COUNT, "choice_count", "tenant:k session:k most:i",
        "SELECT count(*) FROM (SELECT 1 FROM llm_choices WHERE tenant = $1 AND session <> $2 AND expires_at > {now} "
        "LIMIT $3) AS held"),
    ROW(CHOICE_PUT, "choice_put", "tenant:k session:k provider:k model:t secret:t minutes:i ms:i",
        "INSERT INTO llm_choices (tenant, session, provider, model, secret, minutes, expires_at) VALUES ($1, $2, $3, "
        "$4, $5, $6, {in $7}) ON CONFLICT (tenant, session) DO UPDATE SET provider = excluded.provider, model = "
        "excluded.model, secret = excluded.secret, minutes = excluded.minutes, expires_at = excluded.expires_at"),
    ROW(CHOICE_GET, "choice_get", "tenant:k session:k",
        "SELECT provider, model, secret, minutes, {ms expires_at} FROM llm_choices WHERE tenant = $1 AND session = $2 "
        "AND expires_at > {now}"),
    ROW(CHOICE_EXTEND, "choice_extend", "tenant:k session:k ms:i",
        "UPDATE llm_choices SET expires_at = {in $3} WHERE tenant = $1 AND session = $2 AND expires_at > {now}"),
    ROW(CHOICE_DROP, "choice_drop", "tenant:k session:k", "DELETE FROM llm_choices WHERE tenant = $1 AND session = $2"),
    ROW(CHOICE_SWEEP, "choice_sweep", "",
        "DELETE FROM llm_choices WHERE (tenant, session) IN (SELECT tenant, session FROM llm_choices WHERE expires_at "
        "< {now} ORDER BY expires_at LIMIT 250)"),
    ROW(MOVE_MARK, "move_mark", "name:k value:t",
        "INSERT INTO moves (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"),
};
