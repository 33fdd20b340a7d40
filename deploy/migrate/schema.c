/* schema: see schema.h. */
#include "schema.h"
#include "gateway/store/migration.h"
#include "gateway/store/store_open.h"

#include <stdio.h>

static int say(const database_t *database, const migration_state_t *state)
{
    const char *name = database->driver->name;
    if (state->present > state->known)
        return printf("%s: the schema is at %d, newer than this program's %d; nothing to do\n", name, state->present,
                      state->known);
    if (state->run)
        return printf("%s: the schema is at %d, %d run now\n", name, state->present, state->run);
    return printf("%s: the schema is at %d; nothing to do\n", name, state->present);
}

static int migrate(database_t *database, bool check, fault_t *fault)
{
    migration_state_t state = {0};
    if (database->driver->connect(database, fault) < 0)
        return -1;
    int failed = check ? migration_check(database, &state, fault) : migration_run(database, &state, fault);
    if (failed)
        return -1;
    if (say(database, &state) < 0 || fflush(stdout) != 0)
        return fault_set(fault, FAULT_OUTPUT, "the result cannot be written");
    return 0;
}

int schema_run(process_t *process, bool check)
{
    fault_t fault = {0};
    store_open_t *open = store_open_new(&process->settings, &process->log, &fault);
    if (!open)
        return process_fail(process, &fault);
    database_t *database = store_open_database(open);
    int code = migrate(database, check, &fault) < 0 ? process_fail(process, &fault) : 0;
    database->driver->destroy(database);
    store_open_destroy(&open);
    return code;
}
