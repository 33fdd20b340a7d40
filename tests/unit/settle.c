/* A program that settles keeps its memory and its libraries, and holds fewer of their pages. */
#include "proto/base/settle.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pages of files that are in the process. */
static long pages_of_files(void)
{
    long size, resident, shared;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld %ld", &size, &resident, &shared), 3);
    fclose(file);
    return shared;
}

static void gives_back(void **state)
{
    static char written[100000] = "kept";
    char *block = malloc(100000);
    (void)state;
    strcpy(block, "kept too");
    long before = pages_of_files();
    settle();
    long after = pages_of_files();
    assert_in_range(after, 1, before - 1);
    assert_string_equal(written, "kept");
    assert_string_equal(block, "kept too");
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gives_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
