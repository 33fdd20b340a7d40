/* The store's conformance suite: the same tests for every database, on the one that the settings name (DATABASE_URL, or
 * a file below YOGI_DATA).
 *
 *     integration_store [GROUP]      runs all, or one of the groups below
 *     integration_store writer       accepts uploads until it is killed, and prints the ids of those that are on disk
 */
#include "trial.h"

#include <stdio.h>

typedef struct {
    const char *name;
    int (*run)(void);
} group_t;

int main(int count, char **arguments)
{
    static const group_t groups[] = {
        {"documents", test_documents}, {"runs", test_runs},         {"timetables", test_timetables},
        {"states", test_states},       {"access", test_access},     {"hostile", test_hostile},
        {"choices", test_choices},     {"pictures", test_pictures}, {"pool", test_pool},
        {"plans", test_plans}};
    int failed = 0, ran = 0;
    if (count == 2 && strcmp(arguments[1], "writer") == 0)
        return run_writer();
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (count < 2 || strcmp(arguments[1], groups[i].name) == 0) {
            failed += groups[i].run();
            ran++;
        }
    return failed || !ran;
}
