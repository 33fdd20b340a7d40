/* checks: one function for each; used by the table in doctor.c alone. */
#ifndef YOGI_DEPLOY_CHECKS_H
#define YOGI_DEPLOY_CHECKS_H

#include "doctor.h"

typedef void check_fn(doctor_t *doctor);

check_fn check_settings, check_keys;                               /* check_settings.c */
check_fn check_programs, check_sandbox, check_limits, check_clock; /* check_machine.c */
check_fn check_models, check_fonts;                                /* check_reading.c */
check_fn check_data, check_database, check_schema, check_blobs;    /* check_data.c, check_database.c, check_blobs.c */
check_fn check_redis;                                              /* check_redis.c */
check_fn check_ports;                                              /* check_ports.c */
check_fn check_brokers, check_stages;                              /* check_brokers.c */

#endif
