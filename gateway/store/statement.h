/* statement: every statement that the gateway makes, in one table: its parameters by name and kind, and its text in the
 * words of dialect.h. A new query is one line here; the check that every query stays on an index goes through the same
 * table.
 *
 * Kinds of parameters: k a key (text of at most STATEMENT_KEY_MOST bytes: it lies in an index), t text, j JSON, b
 * bytes, i a whole number, f a number, o true or false. Pure.
 */
#ifndef YOGI_GATEWAY_STATEMENT_H
#define YOGI_GATEWAY_STATEMENT_H

#include "dialect.h"
#include "proto/base/fault.h"
#include "sql.h"

typedef enum {
    /* documents */
    STATEMENT_DOCUMENT_INSERT,
    STATEMENT_DOCUMENT_IMPORT,
    STATEMENT_DOCUMENT_KNOWN,
    STATEMENT_DOCUMENT_GET,
    STATEMENT_DOCUMENT_LOCK,
    STATEMENT_DOCUMENT_LIST,
    STATEMENT_DOCUMENT_LIST_STATUS,
    STATEMENT_DOCUMENT_SEARCH,
    STATEMENT_DOCUMENT_MOVE,
    STATEMENT_DOCUMENT_FINISH,
    STATEMENT_DOCUMENT_AGAIN,
    STATEMENT_DOCUMENT_DELETE,
    STATEMENT_DOCUMENT_STAGES,
    STATEMENT_WORDS_ADD,
    STATEMENT_IDEMPOTENCY_CLAIM,
    STATEMENT_IDEMPOTENCY_FIND,
    STATEMENT_IDEMPOTENCY_SWEEP,
    /* blobs */
    STATEMENT_BLOB_HOLD,
    STATEMENT_BLOB_CLAIM,
    STATEMENT_BLOB_KEEP,
    STATEMENT_BLOB_LOCK,
    STATEMENT_BLOB_LET_GO,
    STATEMENT_BLOB_DOOMED,
    STATEMENT_BLOB_FORGET,
    STATEMENT_BLOB_SPARE,
    STATEMENT_BLOB_STRAYS,
    STATEMENT_BLOB_CONDEMN,
    /* pictures */
    STATEMENT_PICTURE_GET,
    STATEMENT_PICTURE_LOCK,
    STATEMENT_PICTURE_PUT,
    STATEMENT_PICTURE_BLOBS,
    STATEMENT_PICTURE_SWEEP,
    /* runs */
    STATEMENT_OWNER_HOLD,
    STATEMENT_OWNER_LEAVE,
    STATEMENT_OWNER_SWEEP,
    STATEMENT_RUN_INSERT,
    STATEMENT_RUN_RELEASE,
    STATEMENT_RUN_TAKE,
    STATEMENT_RUN_MINE,
    STATEMENT_RUN_GET,
    STATEMENT_RUN_DOSSIER,
    STATEMENT_RUN_RAISE,
    STATEMENT_RUN_COUNT,
    STATEMENT_RUN_START,
    STATEMENT_RUN_STAGES,
    STATEMENT_RUN_RECORD,
    STATEMENT_RUN_END,
    STATEMENT_RUN_DROP,
    STATEMENT_STAGES_ADD,
    STATEMENT_STAGE_CLAIM,
    STATEMENT_CALL_OFF,
    STATEMENT_CALL_OFF_TAKE,
    STATEMENT_CALL_OFF_SWEEP,
    STATEMENT_DOSSIER_PUT,
    STATEMENT_DOSSIER_GET,
    STATEMENT_DOSSIER_COPY,
    /* timetables */
    STATEMENT_TIMETABLE_INSERT,
    STATEMENT_TIMETABLE_COPY,
    STATEMENT_TIMETABLE_READ,
    STATEMENT_TIMETABLE_REREAD,
    STATEMENT_TIMETABLE_REST,
    STATEMENT_TIMETABLE_OF,
    STATEMENT_TIMETABLE_GET,
    STATEMENT_TIMETABLE_LIST,
    STATEMENT_TIMETABLE_LOCK,
    STATEMENT_TIMETABLE_ARCHIVE,
    STATEMENT_TIMETABLE_PUT,
    STATEMENT_TIMETABLE_VERSIONS,
    /* events */
    STATEMENT_EVENT_ADD,
    STATEMENT_EVENTS_ADD,
    STATEMENT_RUN_EVENTS,
    STATEMENT_EVENT_AFTER,
    STATEMENT_EVENT_WATCH,
    STATEMENT_EVENT_NEWEST,
    STATEMENT_EVENT_SWEEP,
    /* dead letters */
    STATEMENT_LETTER_ADD,
    STATEMENT_LETTER_LIST,
    STATEMENT_LETTER_GET,
    STATEMENT_LETTER_DROP,
    /* access */
    STATEMENT_TENANT_ADD,
    STATEMENT_TENANT_LIST,
    STATEMENT_KEY_ADD,
    STATEMENT_KEY_FIND,
    STATEMENT_KEY_LIST,
    STATEMENT_KEY_REVOKE,
    STATEMENT_FEED_ADD,
    STATEMENT_FEED_FIND,
    STATEMENT_FEED_REVOKE,
    /* choices */
    STATEMENT_CHOICE_COUNT,
    STATEMENT_CHOICE_PUT,
    STATEMENT_CHOICE_GET,
    STATEMENT_CHOICE_EXTEND,
    STATEMENT_CHOICE_DROP,
    STATEMENT_CHOICE_SWEEP,
    /* moves */
    STATEMENT_MOVE_MARK,
    STATEMENT_COUNT
} statement_t;

/* KEY: a key of three columns stays below the 2,704 bytes that an index of PostgreSQL takes. TEXT: ten times the
 * longest file name that is believed. JSON: the timeblocks of the largest document, and more. In bytes. */
enum { STATEMENT_KEY_MOST = 512, STATEMENT_TEXT_MOST = 64 * 1024, STATEMENT_JSON_MOST = 32 * 1024 * 1024 };

const char *statement_name(statement_t statement);    /* "document_get" */
size_t statement_parameters(statement_t statement);   /* how many */
char statement_kind(statement_t statement, size_t i); /* letter of parameter i, from 0 */

/* Appends its text for the database. */
void statement_text(statement_t statement, dialect_t dialect, buf_t *out);

/* Whether the values may go in: text without zeros in UTF-8, JSON without them, nothing over its limit. -1 with a fault
 * (FAULT_INPUT) that names the parameter. A value of another kind than the parameter's is a programming error. */
int statement_check(statement_t statement, const sql_value_t *values, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
