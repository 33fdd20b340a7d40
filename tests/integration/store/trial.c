/* trial: see trial.h. */
#include "trial.h"
#include "gateway/store/migration.h"
#include "proto/base/hash.h"
#include "proto/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

int trial_begin_group(void **state)
{
    trial_t *trial = memory_new(1, sizeof *trial);
    arena_t *arena = arena_new(); /* of the settings */
    buf_t problems = {0};
    migration_state_t migrated;
    *state = trial;
    if (yogi_settings_load(environ, arena, &trial->settings, &problems)) {
        print_error("%s", problems.bytes);
        return -1;
    }
    buf_free(&problems);
    trial->arena = arena;
    trial->open = store_open_new(&trial->settings, NULL, &trial->fault);
    if (!trial->open) {
        print_error("%s\n", trial->fault.text);
        return -1;
    }
    trial->session = (session_t){store_open_database(trial->open), STORE_WRITE};
    database_t *database = trial->session.database;
    if (database->driver->connect(database, &trial->fault) < 0 ||
        migration_run(database, &migrated, &trial->fault) < 0) {
        print_error("%s\n", trial->fault.text);
        return -1;
    }
    return 0;
}

int trial_end_group(void **state)
{
    trial_t *trial = *state;
    if (trial->session.database)
        trial->session.database->driver->destroy(trial->session.database);
    store_open_destroy(&trial->open);
    arena_destroy(&trial->arena);
    free(trial);
    return 0;
}

int trial_begin(void **state)
{
    trial_t *trial = *state;
    snprintf(trial->tenant, sizeof trial->tenant, "%s", trial_id(trial));
    snprintf(trial->other, sizeof trial->other, "%s", trial_id(trial));
    snprintf(trial->owner, sizeof trial->owner, "%s", trial_id(trial));
    DO(trial, runs_hold(&trial->session, trial->owner, 60000, &trial->fault));
    return 0;
}

int trial_end(void **state)
{
    (void)state;
    return 0;
}

void trial_enter(trial_t *trial)
{
    database_t *database = trial->session.database;
    trial->fault = (fault_t){0};
    /* whether it outlives the machine is not what these tests ask */
    if (database->driver->begin(database, STORE_RELAXED, &trial->fault) < 0)
        fail_msg("BEGIN: %s", trial->fault.text);
}

void trial_leave(trial_t *trial, int failed, const char *call)
{
    database_t *database = trial->session.database;
    if (!failed)
        failed = database->driver->commit(database, &trial->fault);
    if (failed) {
        database->driver->rollback(database);
        fail_msg("%.60s: %s: %s", call, fault_name(trial->fault.code), trial->fault.text);
    }
}

void trial_refused(trial_t *trial, int failed, const char *call, fault_code_t why)
{
    database_t *database = trial->session.database;
    if (!failed) /* what is sent late fails late */
        failed = database->driver->commit(database, &trial->fault);
    if (!failed)
        fail_msg("%.60s should have been refused", call);
    database->driver->rollback(database);
    if (trial->fault.code != why)
        fail_msg("%.60s: %s is not %s: %s", call, fault_name(trial->fault.code), fault_name(why), trial->fault.text);
    assert_true(trial->fault.text[0] != 0);
}

const char *trial_id(trial_t *trial)
{
    ident_t ident;
    char text[IDENT_TEXT];
    assert_int_equal(ident_new(&ident, NULL), 0);
    return arena_text(trial->arena, ident_format(ident, text));
}

accept_t trial_upload(trial_t *trial, const char *filename)
{
    hash_t hash;
    char hex[HASH_HEX];
    hold_t hold;
    accept_t accept = {.id = trial_id(trial), .run = trial_id(trial)};
    hash_begin(&hash);
    hash_add(&hash, accept.id, strlen(accept.id));
    accept.tenant = trial->tenant;
    accept.filename = view_of(filename);
    accept.file_type = view_of("image");
    accept.file_size = 1234;
    accept.sha256 = arena_text(trial->arena, hash_hex(&hash, hex));
    accept.options_hash = "plain";
    accept.owner = trial->owner;
    accept.route = "classification ocr llm validation";
    accept.attempts = 3;
    VERDICT(trial,
            holds_take(&trial->session, trial->tenant, accept.sha256, 1234, 60000, trial_id(trial), trial->arena, &hold,
                       &trial->verdict, &trial->fault),
            VERDICT_DONE);
    accept.birth = hold.birth;
    return accept;
}

accept_t trial_accept(trial_t *trial, const char *filename)
{
    accept_t accept = trial_upload(trial, filename);
    accepted_t accepted;
    DO(trial, documents_accept(&trial->session, &accept, trial->arena, &accepted, &trial->fault));
    assert_int_equal(accepted.verdict, VERDICT_DONE);
    assert_int_equal(accepted.status, STATE_UPLOADED);
    return accept;
}

reading_t trial_reading(trial_t *trial, const char *class_name)
{
    return (reading_t){.id = trial_id(trial),
                       .teacher_name = view_of("Ms Ó Súilleabháin"),
                       .class_name = view_of(class_name),
                       .term = view_of("Autumn"),
                       .year = 2026,
                       .timeblocks = view_of("[{\"id\": \"b1\", \"day\": \"Monday\", \"name\": \"Maths\"}]"),
                       .confidence = 0.93};
}

finish_t trial_finish(trial_t *trial, const accept_t *accept, const reading_t *reading)
{
    (void)trial;
    return (finish_t){.run = accept->run,
                      .epoch = 1,
                      .status = STATE_COMPLETED,
                      .confidence = 0.95,
                      .pages = 2,
                      .readings = reading,
                      .count = reading ? 1 : 0,
                      .dossier = {"\x81\0\xff", 3},
                      .event = {.type = "complete", .percentage = 100, .data = view_of("{\"blocks\": 1}")}};
}

accept_t trial_read(trial_t *trial, const char *filename, const char *class_name)
{
    accept_t accept = trial_accept(trial, filename);
    reading_t reading = trial_reading(trial, class_name);
    finish_t finish = trial_finish(trial, &accept, &reading);
    VERDICT(trial, runs_finish(&trial->session, &finish, &trial->verdict, &trial->fault), VERDICT_DONE);
    return accept;
}

document_row_t trial_document(trial_t *trial, const accept_t *accept)
{
    document_row_t row;
    VERDICT(trial,
            documents_get(&trial->session, trial->tenant, view_of(accept->id), trial->arena, &row, &trial->verdict,
                          &trial->fault),
            VERDICT_DONE);
    return row;
}

sql_rows_t trial_ask(trial_t *trial, const char *format, ...)
{
    char text[8192];
    sql_rows_t rows;
    database_t *database = trial->session.database;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (database->driver->ask(database, text, trial->arena, &rows, &trial->fault) < 0)
        fail_msg("%.60s: %s", text, trial->fault.text);
    return rows;
}

bool trial_is_postgres(const trial_t *trial)
{
    return trial->session.database->driver->dialect == DIALECT_POSTGRES;
}
