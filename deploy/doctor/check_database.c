/* check_database: whether the database can be reached, and how its schema stands to this program. Nothing is made or
 * migrated. */
#include "checks.h"
#include "gateway/store/migration.h"
#include "gateway/store/store_postgres.h"
#include "proto/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* VERSION: as PostgreSQL counts. SKEW: of clocks that people would notice. */
enum { VERSION_LEAST = 130000, SKEW_MS = 5000 };

static bool connect_to(doctor_t *doctor)
{
    fault_t fault = {0};
    doctor->open = store_open_new(&doctor->process.settings, &doctor->process.log, &fault);
    database_t *database = doctor->open ? store_open_database(doctor->open) : NULL;
    if (database && database->driver->connect(database, &fault) == 0) {
        doctor->database = database;
        return true;
    }
    if (database)
        database->driver->destroy(database);
    doctor_fault(doctor, NULL, &fault);
    return false;
}

static void check_postgres(doctor_t *doctor)
{
    static const char question[] = "SELECT current_setting('server_version_num'), current_setting('server_version'), "
                                   "(extract(epoch from clock_timestamp()) * 1000)::bigint";
    sql_rows_t rows;
    fault_t fault = {0};
    if (!connect_to(doctor))
        return;
    if (doctor->database->driver->ask(doctor->database, question, doctor->process.arena, &rows, &fault) < 0) {
        doctor_fault(doctor, NULL, &fault);
        return;
    }
    int64_t skew_ms = sql_cell_int(&rows, 0, 2) - clock_wall_ms();
    if (sql_cell_int(&rows, 0, 0) < VERSION_LEAST)
        doctor_note(doctor, LEVEL_FAULT, "use version 13 or later", "PostgreSQL %s is too old", sql_cell(&rows, 0, 1));
    else
        doctor_note(doctor, LEVEL_OK, NULL, "PostgreSQL %s answers", sql_cell(&rows, 0, 1));
    if (llabs(skew_ms) > SKEW_MS)
        doctor_note(doctor, LEVEL_WARNING, "let both machines set their clocks by the network",
                    "its clock is %lld s %s this machine's", llabs(skew_ms) / 1000,
                    skew_ms > 0 ? "ahead of" : "behind");
}

static void check_sqlite(doctor_t *doctor)
{
    char path[PATH_MAX + 16];
    struct stat info;
    snprintf(path, sizeof path, "%s/app.db", doctor->data);
    if (doctor_has_failed(doctor, "data")) {
        doctor_note(doctor, LEVEL_LEFT, NULL, "not looked at, because of the fault of data");
    } else if (!doctor->has_data || stat(path, &info) < 0) {
        doctor_note(doctor, LEVEL_OK, NULL, "SQLite: %.200s is made by the first gateway", path);
    } else if (connect_to(doctor)) {
        doctor_note(doctor, LEVEL_OK, NULL, "SQLite: %.200s can be opened", path);
        if (info.st_mode & S_IRWXO)
            doctor_note(doctor, LEVEL_WARNING, "chmod 600 it",
                        "%.200s is open to everybody on this machine (mode %04o)", path,
                        (unsigned)info.st_mode & 07777);
    }
}

void check_database(doctor_t *doctor)
{
    if (postgres_wanted(&doctor->process.settings))
        check_postgres(doctor);
    else
        check_sqlite(doctor);
}

void check_schema(doctor_t *doctor)
{
    migration_state_t state = {0};
    fault_t fault = {0};
    if (!doctor->database) {
        doctor_note(doctor, LEVEL_LEFT, NULL, "there is no database yet");
        return;
    }
    int checked = migration_check(doctor->database, &state, &fault);
    if (checked < 0 && state.known)
        doctor_note(doctor, LEVEL_WARNING, "or start a gateway, which does it", "%s", fault.text);
    else if (checked < 0)
        doctor_fault(doctor, NULL, &fault);
    else if (state.present > state.known)
        doctor_note(doctor, LEVEL_OK, NULL, "it is at %d, newer than this program's %d, which goes on beside it",
                    state.present, state.known);
    else
        doctor_note(doctor, LEVEL_OK, NULL, "it is at %d, this program's own", state.present);
}
