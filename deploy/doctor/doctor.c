/* doctor: see doctor.h. The table of checks, and the round. */
#include "doctor.h"
#include "checks.h"
#include "proto/base/output.h"
#include "proto/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *name;
    check_fn *run;
    const char *needs; /* a check before it, after whose fault this one tells nothing; NULL = none */
} check_row_t;

/* In this order. The sandbox goes before the brokers: it forks, and those have threads. */
static const check_row_t checks[] = {
    {"settings", check_settings, NULL},  {"keys", check_keys, NULL},           {"programs", check_programs, NULL},
    {"sandbox", check_sandbox, NULL},    {"limits", check_limits, NULL},       {"clock", check_clock, NULL},
    {"models", check_models, NULL},      {"fonts", check_fonts, NULL},         {"data", check_data, NULL},
    {"database", check_database, NULL},  {"schema", check_schema, "database"}, {"blobs", check_blobs, NULL},
    {"redis", check_redis, NULL},        {"ports", check_ports, NULL},         {"brokers", check_brokers, NULL},
    {"stages", check_stages, "brokers"},
};
enum { CHECKS = sizeof checks / sizeof *checks };

void doctor_note(doctor_t *doctor, level_t level, const char *todo, const char *says, ...)
{
    char line[2 * FAULT_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, says);
    vsnprintf(line, sizeof line, says, arguments);
    va_end(arguments);
    text_neuter(line);
    finding_t finding = {.check = doctor->check,
                         .level = level,
                         .says = arena_text(doctor->process.arena, line),
                         .todo = arena_text(doctor->process.arena, todo)};
    findings_add(&doctor->findings, &finding);
}

void doctor_fault(doctor_t *doctor, const char *todo, const fault_t *fault)
{
    doctor_note(doctor, LEVEL_FAULT, todo, "%s", fault->text);
}

bool doctor_has_failed(const doctor_t *doctor, const char *check)
{
    for (size_t i = 0; i < doctor->findings.count; i++)
        if (doctor->findings.items[i].level == LEVEL_FAULT && strcmp(doctor->findings.items[i].check, check) == 0)
            return true;
    return false;
}

static void run_all(doctor_t *doctor)
{
    for (size_t i = 0; i < CHECKS; i++) {
        const char *needs = checks[i].needs;
        doctor->check = checks[i].name;
        if (needs && doctor_has_failed(doctor, needs))
            doctor_note(doctor, LEVEL_LEFT, NULL, "not looked at, because of the fault of %s", needs);
        else
            checks[i].run(doctor);
    }
}

/* Settings as far as they make sense: what does not is found by the first check. */
static void begin(doctor_t *doctor, const doctor_options_t *options)
{
    *doctor =
        (doctor_t){.process = {.program = "yogi", .signal_fd = -1, .arena = arena_new()}, .wait_s = options->wait_s};
    yogi_settings_load(environ, doctor->process.arena, &doctor->process.settings, &doctor->problems);
    fault_t none = {0};
    if (site_data(doctor->process.settings.data, doctor->data, &none) < 0)
        *doctor->data = 0; /* told by the check of it */
    doctor->process.log = (log_t){STDERR_FILENO, LOG_OFF, doctor->process.program};
}

static void end(doctor_t *doctor)
{
    asker_destroy(&doctor->asker);
    if (doctor->database)
        doctor->database->driver->destroy(doctor->database);
    store_open_destroy(&doctor->open);
    buf_free(&doctor->problems);
    arena_destroy(&doctor->process.arena);
}

int doctor_run(const doctor_options_t *options)
{
    doctor_t doctor;
    buf_t text = {0};
    begin(&doctor, options);
    run_all(&doctor);
    if (options->json)
        findings_json(&doctor.findings, &text);
    else
        findings_table(&doctor.findings, &text);
    int code = output_all(STDOUT_FILENO, buf_string(&text), text.size) < 0 ? fault_exit(FAULT_OUTPUT)
               : findings_count(&doctor.findings, LEVEL_FAULT)             ? fault_exit(FAULT_SYSTEM)
                                                                           : 0;
    buf_free(&text);
    end(&doctor);
    return code;
}
