/* settings: the table of everything that is set by the environment (DESIGN.md section 10). */
#ifndef YOGI_SETTINGS_H
#define YOGI_SETTINGS_H

#include "base/settings.h"

#include <stdbool.h>
#include <stdint.h>

/* Who may use a gateway's interface. */
typedef enum { ACCESS_AUTO, ACCESS_OPEN, ACCESS_KEYS } access_rule_t;

/* How Redis is spoken to. */
typedef enum { REDIS_TLS_OFF, REDIS_TLS_ON, REDIS_TLS_UNVERIFIED } redis_tls_t;

/* Whether a bridge adds the stage store to its routes. */
typedef enum { BRIDGE_STORE_AUTO, BRIDGE_STORE_ALWAYS, BRIDGE_STORE_NEVER } bridge_store_t;

typedef struct {
    int64_t workers;                /* documents read at the same time; 0 = one for each core */
    const char *languages;          /* tesseract's names with + between; NULL = as the page is found */
    const char *engine;             /* of the stage llm */
    double gate;                    /* confidence from which a document is completed */
    int64_t job_seconds;            /* longest silence of a worker with a job */
    int64_t job_cpu_seconds;        /* CPU time of one job; 0 = no limit */
    int64_t worker_memory;          /* bytes a worker may have resident */
    int sandbox;                    /* worker_sandbox_t, in the order of its choices */
    const char *source_roots;       /* folders that documents may be read from; NULL = none */
    const char *source_endpoints;   /* http(s) endpoints that documents may be fetched from; NULL = none */
    const char *source_networks;    /* private networks that these endpoints may be in; NULL = none */
    const char *source_authorities; /* file of certificates; NULL = the system's */
    int64_t source_bytes;           /* largest document */
    int64_t source_seconds;         /* longest time of a transfer */
    int64_t source_stall_seconds;   /* longest silence of one */
    const char *data;               /* folder of everything that is kept; NULL = the user's own */
    const char *brokers;            /* endpoints that owners and actors connect to */
    const char *broker_listen;      /* endpoints that a broker listens at */
    const char *keys;               /* file of this process's own pair of CURVE keys; NULL = none */
    const char *broker_key;         /* file of the brokers' public key; NULL = none */
    const char *broker_allow;       /* file of the keys that a broker lets in; NULL = none */
    const char *broker_stages;      /* stages that a broker knows, "store:60" with the seconds it waits for an actor */
    int64_t broker_jobs;            /* most in a broker */
    int64_t broker_bytes;           /* sum of budgets in a broker */
    const char *bind;               /* address that a gateway listens at */
    int64_t port;                   /* of it */
    int access;                     /* access_rule_t, in the order of its choices */
    int64_t rate;                   /* calls a minute of one key; 0 = no limit */
    const char *jwt_secret, *jwt_keys;            /* that tokens of others are signed by; NULL = none are taken */
    const char *jwt_issuer, *jwt_audience;        /* that they must name; NULL = any */
    const char *jwt_tenant, *jwt_role;            /* names of their claims */
    const char *origins;                          /* of pages that may read a gateway's answers; NULL = none */
    const char *vault_key;                        /* 64 hex digits; NULL = of a file in the data */
    const char *anthropic_url, *openai_url;       /* that keys of models are shown to; NULL = to nobody */
    const char *s3_bucket;                        /* of documents; NULL = a folder */
    const char *s3_prefix;                        /* of the names of its objects; NULL = none */
    const char *s3_endpoint, *s3_public_endpoint; /* NULL = AWS's own, and the same */
    int s3_addressing;                            /* s3_addressing_t, in the order of its choices */
    const char *aws_region;
    const char *aws_access_key_id, *aws_secret_access_key, *aws_session_token; /* NULL = from elsewhere */
    const char *aws_shared_credentials_file, *aws_profile;
    const char *aws_web_identity_token_file, *aws_role_arn, *aws_role_session_name, *aws_endpoint_url_sts;
    int64_t prefetch;         /* most jobs that wait at a host for a stage */
    int64_t drain_seconds;    /* grace time after SIGTERM */
    const char *name;         /* of this process for people; NULL = the machine's */
    const char *database_url; /* of PostgreSQL; NULL = from the next ones */
    const char *postgres_host, *postgres_database, *postgres_user, *postgres_password; /* NULL = libpq's own */
    int64_t postgres_port;                                                             /* 0 = libpq's own */
    const char *postgres_sslmode;                                                      /* of libpq; NULL = its own */
    const char *postgres_sslrootcert; /* file of certificates that the server is trusted by; NULL = libpq's own */
    int pg_pooler;                    /* 1: a pooler in transaction mode is between */
    int64_t store_connections;        /* to the database */
    int64_t store_seconds;            /* longest time of a statement */
    int64_t lease_seconds;            /* of a gateway, by which it owns its runs */
    int64_t sweep_seconds;            /* between two rounds of a gateway's sweep */
    int64_t grace_seconds;            /* least age of bytes that are swept */
    const char *redis_url, *redis_host, *redis_username, *redis_password; /* NULL = none */
    int64_t redis_port, redis_database;
    int redis_tls; /* redis_tls_t, in the order of its choices */
    const char *redis_tls_ca, *redis_tls_cert, *redis_tls_key, *redis_tls_servername; /* NULL = none */
    const char *redis_sentinels, *redis_sentinel_master;                              /* NULL = none are asked */
    const char *redis_sentinel_username, *redis_sentinel_password;                    /* NULL = none */
    const char *redis_cluster;                                                        /* nodes; NULL = it is none */
    const char *bullmq_queues;      /* QUEUE=STAGE with commas; NULL = none */
    const char *bullmq_prefix;      /* of keys */
    int bullmq_version;             /* 0 = as the queue says; 1 = 5.x, 2 = 6.x */
    const char *bullmq_concurrency; /* NUMBER, QUEUE=NUMBER with commas */
    int64_t bullmq_lock_ms, bullmq_stalled_ms, bullmq_stalled_most;
    double bullmq_drain_s;
    const char *bullmq_worker;                              /* name; NULL = process_name's */
    int64_t bullmq_limit_max, bullmq_limit_ms;              /* 0 = no limiter */
    int64_t bullmq_metrics;                                 /* minutes; 0 = none */
    const char *bullmq_keep_completed, *bullmq_keep_failed; /* JSON as BullMQ's; NULL = all */
    const char *bullmq_tenants; /* TENANT, QUEUE=TENANT with commas; NULL = the default one */
    int bullmq_noop;            /* 1: noop goes to actors */
    int bullmq_store;           /* bridge_store_t, in the order of its choices */
    int bullmq_eviction;        /* 1: refuse */
    const char *stage_classification, *stage_ocr, *stage_llm; /* who serves them: bullmq:QUEUE; NULL = actors */
    const char *stage_validation, *stage_store, *stage_noop;  /* likewise */
    int64_t bullmq_given;                                     /* dossiers of a stage that are out at once */
    int insecure;                                             /* TCP beyond loopback without CURVE is allowed */
    const char *health;                                       /* file of a service's state; NULL = none */
    int log_level;                                            /* log_level_t */
} settings_t;

/* Fills *settings from the environment; each problem is a line in problems, and their number is returned. */
size_t yogi_settings_load(char *const *environment, arena_t *arena, settings_t *settings, buf_t *problems);

/* Whether the environment says something of this setting, by itself or by its _FILE. */
bool yogi_settings_given(char *const *environment, const char *name);

/* What YOGI_STAGE_* says of a stage: who serves it; NULL = nothing, or there is no setting for it. */
const char *yogi_settings_stage(const settings_t *settings, const char *stage);

/* The table, for who goes through all of them. */
const setting_t *yogi_settings_table(size_t *count);

/* Whether this is one of the setting's choices: what a caller may ask for where the setting is the default. */
bool yogi_settings_takes(const char *name, const char *choice);

/* Appends the effective values as NAME=value lines, secrets masked. */
void yogi_settings_print(const settings_t *settings, buf_t *out);

#endif
