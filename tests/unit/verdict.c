/* How faults of jobs are told to a broker, and what a host reads of a dossier. */
#include "actors/host/loop/verdict.h"
#include "actors/host/loop/origin.h"
#include "check.h"
#include "proto/dossier.h"

#include <string.h>

static failed_t of_work(fault_code_t code, bool answered)
{
    worker_result_t result = {.end = WORKER_FAIL, .answered = answered};
    fault_set(&result.fault, code, "x");
    return verdict_of_work(&result);
}

static failed_t of_fetch(fault_code_t code)
{
    fault_t fault;
    fault_set(&fault, code, "x");
    return verdict_of_fetch(&fault);
}

static void test_whose_fault_it_is(void **state)
{
    (void)state;
    assert_int_equal(of_work(FAULT_CRASHED, false), FAILED_CRASHED);
    assert_int_equal(of_work(FAULT_TIMEOUT, false), FAILED_CRASHED);
    assert_int_equal(of_work(FAULT_MEMORY, false), FAILED_CRASHED);
    assert_int_equal(of_work(FAULT_MESSAGE, false), FAILED_CRASHED);
    assert_int_equal(of_work(FAULT_KILLED, false), FAILED_LOST);
    assert_int_equal(of_work(FAULT_CANCELLED, false), FAILED_CANCELLED);
    assert_int_equal(of_work(FAULT_SYSTEM, false), FAILED_RETRYABLE);
    /* a stage that only says so has not crashed */
    assert_int_equal(of_work(FAULT_CRASHED, true), FAILED_RETRYABLE);
    assert_int_equal(of_work(FAULT_DAMAGED, true), FAILED_PERMANENT);
    assert_int_equal(of_work(FAULT_TOO_LARGE, true), FAILED_TOO_LARGE);
    assert_int_equal(of_work(FAULT_CANCELLED, true), FAILED_PERMANENT);
}

static void test_fetching(void **state)
{
    (void)state;
    assert_int_equal(of_fetch(FAULT_EXPIRED), FAILED_SOURCE_EXPIRED);
    assert_int_equal(of_fetch(FAULT_UNREACHABLE), FAILED_RETRYABLE);
    assert_int_equal(of_fetch(FAULT_TIMEOUT), FAILED_RETRYABLE);
    assert_int_equal(of_fetch(FAULT_TOO_LARGE), FAILED_TOO_LARGE);
    assert_int_equal(of_fetch(FAULT_INPUT), FAILED_PERMANENT);
    assert_int_equal(of_fetch(FAULT_DAMAGED), FAILED_PERMANENT);
}

static void test_origin(void **state)
{
    (void)state;
    buf_t packed = {0};
    fault_t fault = {0};
    origin_t origin;
    arena_t *arena = arena_new();
    dossier_t *dossier = dossier_new();
    dossier->document.source = "file:///srv/a.pdf";
    dossier->document.bytes = 42;
    dossier_encode(dossier, &packed);
    slice_t slice = {packed.bytes, (uint32_t)packed.size};
    assert_int_equal(origin_read(slice, arena, &origin, &fault), 0);
    assert_string_equal(origin.url, "file:///srv/a.pdf");
    assert_int_equal(origin.bytes, 42);
    assert_null(origin.sha256);
    slice.size--;
    assert_int_equal(origin_read(slice, arena, &origin, &fault), -1);
    assert_int_equal(origin_read((slice_t){0}, arena, &origin, &fault), -1);
    for (int i = 0; i < 5000; i++)
        texts_push(dossier->arena, &dossier->options.languages, "a page's words, which are not the host's to copy");
    buf_clear(&packed);
    dossier_encode(dossier, &packed);
    slice = (slice_t){packed.bytes, (uint32_t)packed.size};
    size_t before = arena_bytes(arena);
    assert_int_equal(origin_read(slice, arena, &origin, &fault), 0);
    assert_string_equal(origin.url, "file:///srv/a.pdf");
    assert_true(packed.size > 200000 && arena_bytes(arena) - before < 1000);
    dossier->document.source = NULL;
    buf_clear(&packed);
    dossier_encode(dossier, &packed);
    slice = (slice_t){packed.bytes, (uint32_t)packed.size};
    assert_int_equal(origin_read(slice, arena, &origin, &fault), -1);
    assert_non_null(strstr(fault.text, "no source"));
    dossier_destroy(&dossier);
    arena_destroy(&arena);
    buf_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whose_fault_it_is),
        cmocka_unit_test(test_fetching),
        cmocka_unit_test(test_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
