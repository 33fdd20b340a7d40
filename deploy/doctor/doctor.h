/* doctor: `yogi doctor`, which looks at everything that the system depends on and says of each fault what to do. It
 * changes nothing (a probe that it writes it removes), needs nothing to run, and does not mind what runs.
 *
 * A check is a row of the table in doctor.c: its name, its function, and the check without which it can tell nothing.
 * The function tells what it finds by doctor_note, once or several times; what later checks go on from (a connection,
 * answers) it leaves in the doctor. A new one is one row and one function.
 */
#ifndef YOGI_DEPLOY_DOCTOR_H
#define YOGI_DEPLOY_DOCTOR_H

#include "deploy/site.h"
#include "deploy/stats/asker.h"
#include "findings.h"
#include "gateway/store/store_open.h"
#include "proto/process.h"

/* Plain data. */
typedef struct {
    process_t process; /* settings: as far as they make sense; signal_fd -1 */
    buf_t problems;    /* of the settings, a line each */
    int wait_s;        /* that a server may take to answer */
    const char *check; /* name of the one that is under way */
    findings_t findings;
    char data[PATH_MAX];  /* folder of data; "" = there is none */
    bool has_data;        /* it is there */
    store_open_t *open;   /* the database; NULL before */
    database_t *database; /* connected; NULL = it is not */
    asker_t *asker;       /* of brokers; NULL before */
} doctor_t;

typedef struct {
    bool json;
    int wait_s;
    bool help;
} doctor_options_t;

/* What is found and, where something is to be done, what (NULL: nothing); sentences without a full stop. */
void doctor_note(doctor_t *doctor, level_t level, const char *todo, const char *says, ...)
    __attribute__((format(printf, 4, 5)));

/* A fault that another room has told, whose sentence says what to do. */
void doctor_fault(doctor_t *doctor, const char *todo, const fault_t *fault);

/* Whether a check has found a fault. */
bool doctor_has_failed(const doctor_t *doctor, const char *check);

/* Looks at everything and prints it. The exit code: 0, or 1 where there is a fault. */
int doctor_run(const doctor_options_t *options);

#endif
