/* trial: what the tests of the store share: one connection to the database that the settings name, and shortcuts that
 * make a document and walk it along. Every test has tenants of its own, so that they do not see each other's rows.
 */
#ifndef YOGI_TESTS_STORE_TRIAL_H
#define YOGI_TESTS_STORE_TRIAL_H

#include "gateway/store/access.h"
#include "gateway/store/documents.h"
#include "gateway/store/events.h"
#include "gateway/store/holds.h"
#include "gateway/store/letters.h"
#include "gateway/store/runs.h"
#include "gateway/store/store.h"
#include "gateway/store/store_open.h"
#include "gateway/store/timetables.h"
#include "proto/base/ident.h"
#include "tests/unit/check.h"

#include <string.h>

typedef struct {
    settings_t settings;
    arena_t *arena; /* of one test */
    store_open_t *open;
    session_t session; /* its connection, between DO and DO outside a transaction */
    char tenant[IDENT_TEXT], other[IDENT_TEXT];
    char owner[IDENT_TEXT];
    fault_t fault;
    verdict_t verdict;
} trial_t;

/* Fixtures of cmocka: the group connects and migrates, each test gets tenants and an owner with a lease. */
int trial_begin_group(void **state);
int trial_end_group(void **state);
int trial_begin(void **state);
int trial_end(void **state);

/* One call as one transaction, which must succeed; and one that must fail with this code. */
#define DO(trial, call)                                                                                                \
    do {                                                                                                               \
        trial_enter(trial);                                                                                            \
        trial_leave(trial, call, #call);                                                                               \
    } while (0)
#define REFUSED(trial, call, why)                                                                                      \
    do {                                                                                                               \
        trial_enter(trial);                                                                                            \
        trial_refused(trial, call, #call, why);                                                                        \
    } while (0)
#define VERDICT(trial, call, what)                                                                                     \
    do {                                                                                                               \
        DO(trial, call);                                                                                               \
        assert_int_equal((trial)->verdict, what);                                                                      \
    } while (0)

void trial_enter(trial_t *trial);
void trial_leave(trial_t *trial, int failed, const char *call);
void trial_refused(trial_t *trial, int failed, const char *call, fault_code_t why);

/* A new id, in the test's arena. */
const char *trial_id(trial_t *trial);

/* An upload of its own bytes, blob and all, ready to be accepted; and accepted. */
accept_t trial_upload(trial_t *trial, const char *filename);
accept_t trial_accept(trial_t *trial, const char *filename);

/* The end of its run under epoch 1, with one timetable of one block. */
finish_t trial_finish(trial_t *trial, const accept_t *accept, const reading_t *reading);
reading_t trial_reading(trial_t *trial, const char *class_name);

/* Accepted and read. */
accept_t trial_read(trial_t *trial, const char *filename, const char *class_name);

document_row_t trial_document(trial_t *trial, const accept_t *accept);

/* A statement of the test's own, which gives rows. */
sql_rows_t trial_ask(trial_t *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool trial_is_postgres(const trial_t *trial);

/* The tests of each file, run one after another by main. Each returns the number of failures. */
int test_documents(void);
int test_runs(void);
int test_timetables(void);
int test_states(void);
int test_access(void);
int test_choices(void);
int test_hostile(void);
int test_pool(void);
int test_pictures(void);
int test_plans(void);

/* Writes until it is killed; see writer.c. */
int run_writer(void);

#endif
