/* What comes from outside: text that is none is refused with a name and a reason; text that looks like SQL is text. */
#include "trial.h"

#include <stdlib.h>

static void refuse(trial_t *t, view_t filename, view_t options, const char *names)
{
    accept_t accept = trial_upload(t, "x");
    accepted_t accepted;
    accept.filename = filename;
    accept.options = options;
    REFUSED(t, documents_accept(&t->session, &accept, t->arena, &accepted, &t->fault), FAULT_INPUT);
    assert_non_null(strstr(t->fault.text, names));
    document_row_t row;
    VERDICT(t, documents_get(&t->session, t->tenant, view_of(accept.id), t->arena, &row, &t->verdict, &t->fault),
            VERDICT_NOT_FOUND);
}

static void test_no_text(void **state)
{
    trial_t *t = *state;
    static char long_name[STATEMENT_TEXT_MOST + 1];
    view_t none = view_of(NULL);
    memset(long_name, 'a', sizeof long_name);
    refuse(t, (view_t){"a\0b", 3}, none, "filename has a zero byte");
    refuse(t, (view_t){"\0", 1}, none, "filename has a zero byte");
    refuse(t, view_of("caf\xe9.png"), none, "filename is not UTF-8");
    refuse(t, view_of("\xed\xa0\x80"), none, "filename is not UTF-8");
    refuse(t, view_of("\xf4\x90\x80\x80"), none, "filename is not UTF-8");
    refuse(t, view_of("\xc0\x80"), none, "filename is not UTF-8");
    refuse(t, (view_t){long_name, sizeof long_name}, none, "filename is too long");
    refuse(t, view_of("a"), view_of("{\"a\": \"\\u0000\"}"), "options has \\u0000");
    refuse(t, view_of("a"), view_of("{\"\\\\\\u0000\": 1}"), "options has \\u0000");
    refuse(t, view_of("a"), (view_t){"{}\0", 3}, "options has a zero byte");
    refuse(t, view_of("a"), view_of("{"), "");
    refuse(t, view_of("a"), view_of("[]"), "documents_options_object");
    refuse(t, view_of("a"), view_of("not json"), "");
}

static void test_long_keys(void **state)
{
    trial_t *t = *state;
    char key[STATEMENT_KEY_MOST + 2];
    document_row_t row;
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = 0;
    REFUSED(t, documents_get(&t->session, t->tenant, view_of(key), t->arena, &row, &t->verdict, &t->fault),
            FAULT_INPUT);
    assert_non_null(strstr(t->fault.text, "id is too long"));
    key[STATEMENT_KEY_MOST] = 0;
    VERDICT(t, documents_get(&t->session, t->tenant, view_of(key), t->arena, &row, &t->verdict, &t->fault),
            VERDICT_NOT_FOUND);
    /* the longest key with random bytes, which do not compress, still fits its index */
    accept_t accept = trial_upload(t, "x");
    accepted_t accepted;
    for (int i = 0; i < STATEMENT_KEY_MOST; i++)
        key[i] = (char)('!' + rand() % 90);
    accept.key = view_of(key);
    accept.fingerprint = "f";
    DO(t, documents_accept(&t->session, &accept, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_DONE);
}

static void test_sql_is_text(void **state)
{
    trial_t *t = *state;
    static const char *const texts[] = {"'; DROP TABLE documents; --",
                                        "\" OR 1=1",
                                        "$1",
                                        "?1",
                                        "{now}",
                                        "%s%n",
                                        "\\'; SELECT 1",
                                        "../../etc/passwd",
                                        "a\tb\r\nc",
                                        "\u202Egpj.exe",
                                        "\xf0\x9f\x93\x85.png",
                                        "",
                                        "x' UNION SELECT hash FROM api_keys --",
                                        "\\x00",
                                        "E'\\000'",
                                        "$$;DELETE FROM documents$$",
                                        "\x01\x7f"};
    document_list_t list;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        accept_t accept = trial_upload(t, texts[i]);
        accepted_t accepted;
        accept.name = accept.teacher_name = accept.class_name = view_of(texts[i]);
        DO(t, documents_accept(&t->session, &accept, t->arena, &accepted, &t->fault));
        document_row_t row = trial_document(t, &accept);
        assert_string_equal(row.filename, texts[i]);
        assert_string_equal(row.teacher_name, texts[i]);
        VERDICT(t, documents_get(&t->session, t->tenant, view_of(texts[i]), t->arena, &row, &t->verdict, &t->fault),
                VERDICT_NOT_FOUND);
        VERDICT(t, documents_delete(&t->session, t->tenant, view_of(texts[i]), &t->verdict, &t->fault),
                VERDICT_NOT_FOUND);
        document_filter_t filter = {.limit = 100, .search = view_of(texts[i])};
        DO(t, documents_list(&t->session, t->tenant, &filter, t->arena, &list, &t->fault));
        filter = (document_filter_t){.limit = 100, .status = texts[i]};
        DO(t, documents_list(&t->session, t->tenant, &filter, t->arena, &list, &t->fault));
        assert_int_equal(list.count, 0);
    }
    document_filter_t all = {.limit = 100};
    DO(t, documents_list(&t->session, t->tenant, &all, t->arena, &list, &t->fault));
    assert_int_equal(list.count, sizeof texts / sizeof *texts);
}

/* The largest dossier and the largest JSON pass through whole. */
static void test_large(void **state)
{
    trial_t *t = *state;
    size_t size = 12 * 1024 * 1024;
    char *bytes = malloc(size), *json = malloc(size + 3);
    accept_t accept = trial_accept(t, "large.pdf");
    reading_t reading = trial_reading(t, "2B");
    finish_t end = trial_finish(t, &accept, &reading);
    record_t record = {
        .id = trial_id(t), .run = accept.run, .epoch = 1, .stage = "ocr", .status = "completed", .place = 1};
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    memset(json, 'a', size);
    memcpy(json, "[\"", 2);
    memcpy(json + size - 2, "\"]", 3);
    reading.timeblocks = view_of(json);
    record.dossier = end.dossier = (view_t){bytes, size};
    run_t run;
    view_t dossier;
    timetable_list_t list;
    DO(t, runs_record(&t->session, &record, &t->fault));
    VERDICT(t, runs_get(&t->session, accept.run, t->arena, &run, &t->verdict, &t->fault), VERDICT_DONE);
    assert_int_equal(run.dossier.size, size);
    assert_memory_equal(run.dossier.at, bytes, size);
    VERDICT(t, runs_finish(&t->session, &end, &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t,
            documents_dossier(&t->session, t->tenant, view_of(accept.id), t->arena, &dossier, &t->verdict, &t->fault),
            VERDICT_DONE);
    assert_int_equal(dossier.size, size);
    assert_memory_equal(dossier.at, bytes, size);
    DO(t, timetables_of(&t->session, t->tenant, view_of(accept.id), t->arena, &list, &t->fault));
    assert_int_equal(strlen(list.rows[0].timeblocks), size);
    free(bytes);
    free(json);
}

int test_hostile(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)
    const struct CMUnitTest hostile[] = {TEST(test_no_text), TEST(test_long_keys), TEST(test_sql_is_text),
                                         TEST(test_large)};
    return cmocka_run_group_tests(hostile, trial_begin_group, trial_end_group);
}
