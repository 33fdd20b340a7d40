/* settings: the table; see settings.h. */
#include "settings.h"

#include <string.h>

/* Upper ends: more workers than any machine has cores; a day; a terabyte. */
enum { WORKERS_MOST = 1024, PREFETCH_MOST = 1024, SECONDS_MOST = 86400 };
#define MB 1048576.0

static const setting_t table[] = {
    {"YOGI_WORKERS", SETTING_INT, offsetof(settings_t, workers), "0", 0, WORKERS_MOST, NULL,
     "documents read at the same time; 0 is one for each core"},
    {"YOGI_LANGUAGES", SETTING_TEXT, offsetof(settings_t, languages), NULL, 0, 0, NULL,
     "languages of the documents by tesseract's names, as eng+deu; empty: found from the page"},
    {"YOGI_ENGINE", SETTING_TEXT, offsetof(settings_t, engine), "rules", 0, 0, "rules",
     "engine that makes timetables of words and cells"},
    {"YOGI_GATE", SETTING_REAL, offsetof(settings_t, gate), "0.9", 0, 1, NULL,
     "confidence from which a document is completed; below it needs review"},
    {"YOGI_JOB_SECONDS", SETTING_INT, offsetof(settings_t, job_seconds), "120", 1, SECONDS_MOST, NULL,
     "seconds without progress after which a worker is replaced"},
    {"YOGI_JOB_CPU_SECONDS", SETTING_INT, offsetof(settings_t, job_cpu_seconds), "1800", 0, SECONDS_MOST, NULL,
     "seconds of CPU time that one stage may spend on a document (a page needs about one); 0 is no limit"},
    {"YOGI_WORKER_MEMORY", SETTING_BYTES, offsetof(settings_t, worker_memory), "2G", 64 * MB, 1048576 * MB, NULL,
     "memory that a worker may use before it is replaced; a page of 100 million pixels needs 1.4G"},
    {"YOGI_SANDBOX", SETTING_CHOICE, offsetof(settings_t, sandbox), "on", 0, 0, "on|strict|off",
     "how workers are shut in: as well as the kernel can; strict refuses to work where a protection is missing; off is "
     "for "
     "measuring alone"},
    {"YOGI_SOURCE_ROOTS", SETTING_TEXT, offsetof(settings_t, source_roots), NULL, 0, 0, NULL,
     "folders below which a host reads documents named by file: URLs, as /srv/a:/srv/b; empty: none"},
    {"YOGI_SOURCE_ENDPOINTS", SETTING_TEXT, offsetof(settings_t, source_endpoints), NULL, 0, 0, NULL,
     "endpoints from which a host fetches documents, as https://s3.example.org http://minio:9000; empty: none"},
    {"YOGI_SOURCE_NETWORKS", SETTING_TEXT, offsetof(settings_t, source_networks), NULL, 0, 0, NULL,
     "networks that are not of the public internet and that these endpoints may be in, as 10.0.0.0/8 fd00::/8"},
    {"YOGI_SOURCE_AUTHORITIES", SETTING_TEXT, offsetof(settings_t, source_authorities), NULL, 0, 0, NULL,
     "file of certificates that endpoints are trusted by; empty: the system's"},
    {"YOGI_SOURCE_BYTES", SETTING_BYTES, offsetof(settings_t, source_bytes), "256M", 1 * MB, 1024 * MB, NULL,
     "largest document that a host fetches"},
    {"YOGI_SOURCE_SECONDS", SETTING_INT, offsetof(settings_t, source_seconds), "120", 1, SECONDS_MOST, NULL,
     "seconds that fetching a document may take"},
    {"YOGI_SOURCE_STALL_SECONDS", SETTING_INT, offsetof(settings_t, source_stall_seconds), "15", 1, SECONDS_MOST, NULL,
     "seconds without a byte after which fetching is given up"},
    {"YOGI_DATA", SETTING_TEXT, offsetof(settings_t, data), NULL, 0, 0, NULL,
     "folder of what yogi up and a gateway without PostgreSQL or S3 keep, by which commands find yogi up too; empty: "
     "$XDG_DATA_HOME/yogi"},
    {"YOGI_BROKERS", SETTING_TEXT, offsetof(settings_t, brokers), "tcp://127.0.0.1:4010", 0, 0, NULL,
     "brokers that owners and actors connect to, as tcp://10.0.0.1:4010 tcp://10.0.0.2:4010 or ipc:///run/yogi/broker; "
     "where it is not set, yogi submit and yogi stats ask the yogi up that runs here first"},
    {"YOGI_BROKER_LISTEN", SETTING_TEXT, offsetof(settings_t, broker_listen), "tcp://127.0.0.1:4010", 0, 0, NULL,
     "where a broker listens"},
    {"YOGI_KEYS", SETTING_TEXT, offsetof(settings_t, keys), NULL, 0, 0, NULL,
     "file of this process's own keys, NAME.cert_secret of yogi keys new; with it every TCP connection is encrypted"},
    {"YOGI_BROKER_KEY", SETTING_TEXT, offsetof(settings_t, broker_key), NULL, 0, 0, NULL,
     "file of the public key of the brokers, NAME.cert; owners and actors that have YOGI_KEYS talk to nobody else"},
    {"YOGI_BROKER_ALLOW", SETTING_TEXT, offsetof(settings_t, broker_allow), NULL, 0, 0, NULL,
     "file of the keys that a broker with YOGI_KEYS lets in, lines of KEY NAME ROLE...; SIGHUP reads it again"},
    {"YOGI_BROKER_STAGES", SETTING_TEXT, offsetof(settings_t, broker_stages),
     "classification ocr llm validation render noop store:60", 0, 0, NULL,
     "stages that a broker knows; with :SECONDS one whose jobs fail when nobody serves it for so long"},
    {"YOGI_BROKER_JOBS", SETTING_INT, offsetof(settings_t, broker_jobs), "1000000", 1, 2147483647, NULL,
     "jobs in a broker, past which it refuses more"},
    {"YOGI_BROKER_BYTES", SETTING_BYTES, offsetof(settings_t, broker_bytes), "1G", 64 * MB, 1048576 * MB, NULL,
     "bytes that the jobs in a broker may reserve together, past which it refuses more; it may use three and a half "
     "times as much"},
    {"YOGI_BIND", SETTING_TEXT, offsetof(settings_t, bind), "127.0.0.1", 0, 0, NULL,
     "address that a gateway serves HTTP at"},
    {"YOGI_PORT", SETTING_INT, offsetof(settings_t, port), "4000", 0, 65535, NULL,
     "port that a gateway serves HTTP at; 0 is any free one"},
    {"YOGI_ACCESS", SETTING_CHOICE, offsetof(settings_t, access), "auto", 0, 0, "auto|open|keys",
     "who may use a gateway: everybody (open), who has an API key (keys); auto is open on this machine alone, and keys "
     "beyond it"},
    {"YOGI_RATE", SETTING_INT, offsetof(settings_t, rate), "6000", 0, 1000000, NULL,
     "calls that one key may make in a minute at a gateway; 0 is no limit"},
    {"YOGI_JWT_SECRET", SETTING_SECRET, offsetof(settings_t, jwt_secret), NULL, 0, 0, NULL,
     "secret that tokens of another system are signed by (JWT, HS256); 32 bytes at least"},
    {"YOGI_JWT_KEYS", SETTING_TEXT, offsetof(settings_t, jwt_keys), NULL, 0, 0, NULL,
     "public keys that such tokens are signed by (JWT, RS256): file or URL of a JWKS"},
    {"YOGI_JWT_ISSUER", SETTING_TEXT, offsetof(settings_t, jwt_issuer), NULL, 0, 0, NULL,
     "issuer (iss) that such a token must name; empty: any"},
    {"YOGI_JWT_AUDIENCE", SETTING_TEXT, offsetof(settings_t, jwt_audience), NULL, 0, 0, NULL,
     "audience (aud) that such a token must name; empty: any"},
    {"YOGI_JWT_TENANT", SETTING_TEXT, offsetof(settings_t, jwt_tenant), "tenant", 0, 0, NULL,
     "claim of such a token that names its tenant"},
    {"YOGI_JWT_ROLE", SETTING_TEXT, offsetof(settings_t, jwt_role), "role", 0, 0, NULL,
     "claim of such a token that names its role: teacher, admin or service"},
    {"YOGI_ORIGINS", SETTING_TEXT, offsetof(settings_t, origins), NULL, 0, 0, NULL,
     "origins of web pages that may read a gateway's answers, as https://a.example https://b.example, or *; empty: "
     "none"},
    {"YOGI_VAULT_KEY", SETTING_SECRET, offsetof(settings_t, vault_key), NULL, 0, 0, NULL,
     "key that a gateway encrypts API keys of users by, 64 hex digits (openssl rand -hex 32), the same at all gateways "
     "of a "
     "database; empty: the file vault.key in YOGI_DATA, which is made"},
    {"YOGI_ANTHROPIC_URL", SETTING_TEXT, offsetof(settings_t, anthropic_url), NULL, 0, 0, NULL,
     "server that a gateway asks whether an API key for Claude is good, as https://api.anthropic.com; empty: it looks "
     "at the "
     "key's form alone"},
    {"YOGI_OPENAI_URL", SETTING_TEXT, offsetof(settings_t, openai_url), NULL, 0, 0, NULL,
     "server that a gateway asks whether an API key for OpenAI's models is good, as https://api.openai.com; empty: it "
     "looks "
     "at the key's form alone"},
    {"YOGI_LEASE_SECONDS", SETTING_INT, offsetof(settings_t, lease_seconds), "15", 1, 3600, NULL,
     "seconds after which another gateway takes over what a silent one had in hand"},
    {"YOGI_SWEEP_SECONDS", SETTING_INT, offsetof(settings_t, sweep_seconds), "60", 1, SECONDS_MOST, NULL,
     "seconds between two looks of a gateway for what nobody needs any more"},
    {"YOGI_GRACE_SECONDS", SETTING_INT, offsetof(settings_t, grace_seconds), "120", 1, SECONDS_MOST, NULL,
     "seconds that the bytes of an upload are kept at least, whether it is accepted or not; large ones are kept "
     "longer"},
    {"S3_BUCKET", SETTING_TEXT, offsetof(settings_t, s3_bucket), NULL, 0, 0, NULL,
     "bucket that documents are kept in; empty: the folder of YOGI_DATA"},
    {"S3_PREFIX", SETTING_TEXT, offsetof(settings_t, s3_prefix), NULL, 0, 0, NULL,
     "what the names of all objects in the bucket begin with, as schools/one; empty: nothing"},
    {"S3_ENDPOINT", SETTING_TEXT, offsetof(settings_t, s3_endpoint), NULL, 0, 0, NULL,
     "server of the bucket, as http://minio:9000; empty: Amazon's own for the region"},
    {"S3_PUBLIC_ENDPOINT", SETTING_TEXT, offsetof(settings_t, s3_public_endpoint), NULL, 0, 0, NULL,
     "the same server as hosts reach it, in the URLs that they get; empty: S3_ENDPOINT"},
    {"S3_ADDRESSING", SETTING_CHOICE, offsetof(settings_t, s3_addressing), "auto", 0, 0, "auto|path|virtual",
     "how the bucket is named in requests: in the path or in the host name"},
    {"AWS_REGION", SETTING_TEXT, offsetof(settings_t, aws_region), "us-east-1", 0, 0, NULL, "region of the bucket"},
    {"AWS_ACCESS_KEY_ID", SETTING_SECRET, offsetof(settings_t, aws_access_key_id), NULL, 0, 0, NULL,
     "id of the key that requests to S3 are signed with"},
    {"AWS_SECRET_ACCESS_KEY", SETTING_SECRET, offsetof(settings_t, aws_secret_access_key), NULL, 0, 0, NULL,
     "secret of it"},
    {"AWS_SESSION_TOKEN", SETTING_SECRET, offsetof(settings_t, aws_session_token), NULL, 0, 0, NULL,
     "token of a session that the key belongs to"},
    {"AWS_SHARED_CREDENTIALS_FILE", SETTING_TEXT, offsetof(settings_t, aws_shared_credentials_file), NULL, 0, 0, NULL,
     "file of keys by profile, where none is set"},
    {"AWS_PROFILE", SETTING_TEXT, offsetof(settings_t, aws_profile), NULL, 0, 0, NULL,
     "profile in that file; empty: default"},
    {"AWS_WEB_IDENTITY_TOKEN_FILE", SETTING_TEXT, offsetof(settings_t, aws_web_identity_token_file), NULL, 0, 0, NULL,
     "file of a token that is changed for a key, as Kubernetes puts it there"},
    {"AWS_ROLE_ARN", SETTING_TEXT, offsetof(settings_t, aws_role_arn), NULL, 0, 0, NULL, "role that the token is for"},
    {"AWS_ROLE_SESSION_NAME", SETTING_TEXT, offsetof(settings_t, aws_role_session_name), NULL, 0, 0, NULL,
     "name of the session; empty: yogi"},
    {"AWS_ENDPOINT_URL_STS", SETTING_TEXT, offsetof(settings_t, aws_endpoint_url_sts), NULL, 0, 0, NULL,
     "server that changes the token; empty: Amazon's own for the region"},
    {"YOGI_PREFETCH", SETTING_INT, offsetof(settings_t, prefetch), "64", 0, PREFETCH_MOST, NULL,
     "jobs of a stage that wait at a host at most; how many do is measured: dozens where a job takes microseconds, "
     "none "
     "where it takes seconds"},
    {"YOGI_DRAIN_SECONDS", SETTING_INT, offsetof(settings_t, drain_seconds), "25", 0, SECONDS_MOST, NULL,
     "seconds that work in hand may take to end after SIGTERM"},
    {"YOGI_NAME", SETTING_TEXT, offsetof(settings_t, name), NULL, 0, 0, NULL,
     "name of this process for people; empty: the machine's"},
    {"DATABASE_URL", SETTING_SECRET, offsetof(settings_t, database_url), NULL, 0, 0, NULL,
     "PostgreSQL database, as postgresql://user:password@host:5432/database?sslmode=verify-full; goes before "
     "POSTGRES_*"},
    {"POSTGRES_HOST", SETTING_TEXT, offsetof(settings_t, postgres_host), NULL, 0, 0, NULL,
     "machine of the PostgreSQL server, or the folder of its socket; without it and DATABASE_URL SQLite is used"},
    {"POSTGRES_PORT", SETTING_INT, offsetof(settings_t, postgres_port), "0", 0, 65535, NULL,
     "port of the PostgreSQL server; 0 is 5432"},
    {"POSTGRES_DB", SETTING_TEXT, offsetof(settings_t, postgres_database), NULL, 0, 0, NULL, "name of the database"},
    {"POSTGRES_USER", SETTING_TEXT, offsetof(settings_t, postgres_user), NULL, 0, 0, NULL, "user of the database"},
    {"POSTGRES_PASSWORD", SETTING_SECRET, offsetof(settings_t, postgres_password), NULL, 0, 0, NULL,
     "password of the user"},
    {"POSTGRES_SSLMODE", SETTING_TEXT, offsetof(settings_t, postgres_sslmode), NULL, 0, 0,
     "disable|allow|prefer|require|verify-ca|verify-full",
     "how the connection to PostgreSQL is encrypted and the server checked; empty: prefer, as libpq"},
    {"POSTGRES_SSLROOTCERT", SETTING_TEXT, offsetof(settings_t, postgres_sslrootcert), NULL, 0, 0, NULL,
     "file of certificates that the PostgreSQL server is trusted by"},
    {"YOGI_PG_POOLER", SETTING_CHOICE, offsetof(settings_t, pg_pooler), "none", 0, 0, "none|transaction",
     "transaction, where a pooler such as pgbouncer in transaction mode is before PostgreSQL"},
    {"YOGI_STORE_CONNECTIONS", SETTING_INT, offsetof(settings_t, store_connections), "4", 1, 64, NULL,
     "connections of a gateway to its database"},
    {"YOGI_STORE_SECONDS", SETTING_INT, offsetof(settings_t, store_seconds), "30", 1, SECONDS_MOST, NULL,
     "seconds that a statement may take in the database"},
    {"REDIS_URL", SETTING_SECRET, offsetof(settings_t, redis_url), NULL, 0, 0, NULL,
     "Redis server, as redis://user:password@host:6379/0, rediss://... for TLS, unix:///path?db=0; goes before the "
     "other "
     "REDIS_*"},
    {"REDIS_HOST", SETTING_TEXT, offsetof(settings_t, redis_host), NULL, 0, 0, NULL,
     "machine of the Redis server, or the path of its socket; empty: 127.0.0.1"},
    {"REDIS_PORT", SETTING_INT, offsetof(settings_t, redis_port), "6379", 1, 65535, NULL, "port of the Redis server"},
    {"REDIS_USERNAME", SETTING_TEXT, offsetof(settings_t, redis_username), NULL, 0, 0, NULL,
     "user of Redis (ACL); empty: the default one"},
    {"REDIS_PASSWORD", SETTING_SECRET, offsetof(settings_t, redis_password), NULL, 0, 0, NULL, "password of the user"},
    {"REDIS_DB", SETTING_INT, offsetof(settings_t, redis_database), "0", 0, 1000000, NULL, "number of the database"},
    {"REDIS_TLS", SETTING_CHOICE, offsetof(settings_t, redis_tls), "off", 0, 0, "off|on|unverified",
     "whether Redis is spoken to by TLS; unverified believes any certificate, for trials alone"},
    {"REDIS_TLS_CA", SETTING_TEXT, offsetof(settings_t, redis_tls_ca), NULL, 0, 0, NULL,
     "file of certificates that the Redis server is trusted by; empty: the system's"},
    {"REDIS_TLS_CERT", SETTING_TEXT, offsetof(settings_t, redis_tls_cert), NULL, 0, 0, NULL,
     "file of the certificate that is shown to Redis"},
    {"REDIS_TLS_KEY", SETTING_TEXT, offsetof(settings_t, redis_tls_key), NULL, 0, 0, NULL, "file of its key"},
    {"REDIS_TLS_SERVERNAME", SETTING_TEXT, offsetof(settings_t, redis_tls_servername), NULL, 0, 0, NULL,
     "name that the certificate of the Redis server must be for; empty: its host"},
    {"REDIS_SENTINELS", SETTING_TEXT, offsetof(settings_t, redis_sentinels), NULL, 0, 0, NULL,
     "sentinels that know where the Redis master is, as 10.0.0.1:26379 10.0.0.2:26379"},
    {"REDIS_SENTINEL_MASTER", SETTING_TEXT, offsetof(settings_t, redis_sentinel_master), "mymaster", 0, 0, NULL,
     "name that the sentinels call the master"},
    {"REDIS_SENTINEL_USERNAME", SETTING_TEXT, offsetof(settings_t, redis_sentinel_username), NULL, 0, 0, NULL,
     "user of the sentinels"},
    {"REDIS_SENTINEL_PASSWORD", SETTING_SECRET, offsetof(settings_t, redis_sentinel_password), NULL, 0, 0, NULL,
     "password of the sentinels"},
    {"REDIS_CLUSTER", SETTING_TEXT, offsetof(settings_t, redis_cluster), NULL, 0, 0, NULL,
     "some nodes of a Redis Cluster, as 10.0.0.1:7000 10.0.0.2:7000; YOGI_BULLMQ_PREFIX must be a hash tag then, as "
     "{bull}"},
    {"YOGI_BULLMQ_QUEUES", SETTING_TEXT, offsetof(settings_t, bullmq_queues), NULL, 0, 0, NULL,
     "queues that a bridge serves and the stage of each, as ocr=ocr,classification=classification:through; through "
     "goes "
     "on to the end; empty: none"},
    {"YOGI_BULLMQ_PREFIX", SETTING_TEXT, offsetof(settings_t, bullmq_prefix), "bull", 0, 0, NULL,
     "prefix of the queues' keys in Redis"},
    {"YOGI_BULLMQ_VERSION", SETTING_CHOICE, offsetof(settings_t, bullmq_version), "auto", 0, 0, "auto|5|6",
     "major of BullMQ that the others on a queue have; auto: as the queue itself says"},
    {"YOGI_BULLMQ_CONCURRENCY", SETTING_TEXT, offsetof(settings_t, bullmq_concurrency), "20", 0, 0, NULL,
     "jobs of a queue that are worked on at once: a number for all, and QUEUE=NUMBER, as 20,ocr=4"},
    {"YOGI_BULLMQ_LOCK_DURATION", SETTING_INT, offsetof(settings_t, bullmq_lock_ms), "30000", 100, 86400000, NULL,
     "milliseconds that a job stays locked without being renewed"},
    {"YOGI_BULLMQ_STALLED_INTERVAL", SETTING_INT, offsetof(settings_t, bullmq_stalled_ms), "30000", 100, 86400000, NULL,
     "milliseconds between two looks for jobs whose worker has vanished"},
    {"YOGI_BULLMQ_MAX_STALLED_COUNT", SETTING_INT, offsetof(settings_t, bullmq_stalled_most), "10", 0, 1000000, NULL,
     "times that a job's worker may vanish before the job fails; BullMQ's own workers have 1, which loses work"},
    {"YOGI_BULLMQ_DRAIN_DELAY", SETTING_REAL, offsetof(settings_t, bullmq_drain_s), "5", 0.01, 3600, NULL,
     "seconds after which an empty queue is looked at again though nothing has told of a job"},
    {"YOGI_BULLMQ_WORKER_NAME", SETTING_TEXT, offsetof(settings_t, bullmq_worker), NULL, 0, 0, NULL,
     "name of the bridge for getWorkers and in its jobs; empty: YOGI_NAME, else that of the machine"},
    {"YOGI_BULLMQ_LIMITER_MAX", SETTING_INT, offsetof(settings_t, bullmq_limit_max), "0", 0, 1000000000, NULL,
     "jobs of a queue that are begun in a window; 0: as many as come"},
    {"YOGI_BULLMQ_LIMITER_DURATION", SETTING_INT, offsetof(settings_t, bullmq_limit_ms), "1000", 1, 86400000, NULL,
     "milliseconds of that window"},
    {"YOGI_BULLMQ_METRICS_POINTS", SETTING_INT, offsetof(settings_t, bullmq_metrics), "0", 0, 1000000, NULL,
     "minutes of BullMQ's metrics that are kept for a queue; 0: none"},
    {"YOGI_BULLMQ_REMOVE_ON_COMPLETE", SETTING_TEXT, offsetof(settings_t, bullmq_keep_completed), NULL, 0, 0, NULL,
     "completed jobs that are kept where the job does not say: false, true, a number, or {\"age\":s,\"count\":n}; "
     "empty: "
     "all"},
    {"YOGI_BULLMQ_REMOVE_ON_FAIL", SETTING_TEXT, offsetof(settings_t, bullmq_keep_failed), NULL, 0, 0, NULL,
     "failed jobs that are kept, likewise"},
    {"YOGI_BULLMQ_NOOP", SETTING_CHOICE, offsetof(settings_t, bullmq_noop), "local", 0, 0, "local|broker",
     "who answers jobs of the stage noop: the bridge itself, or actors behind the brokers (crash and hang always go "
     "there)"},
    {"YOGI_BULLMQ_STORE", SETTING_CHOICE, offsetof(settings_t, bullmq_store), "auto", 0, 0, "auto|always|never",
     "whether what was read is kept by a gateway too (stage store); auto: where one serves it"},
    {"YOGI_BULLMQ_TENANTS", SETTING_TEXT, offsetof(settings_t, bullmq_tenants), NULL, 0, 0, NULL,
     "whose the documents of the queues are: a tenant for all, and QUEUE=TENANT, as north,ocr=south; empty: the "
     "default "
     "one"},
    {"YOGI_BULLMQ_EVICTION", SETTING_CHOICE, offsetof(settings_t, bullmq_eviction), "warn", 0, 0, "warn|refuse",
     "what a bridge does where Redis may drop keys when it is full (maxmemory-policy is not noeviction)"},
    {"YOGI_STAGE_CLASSIFICATION", SETTING_TEXT, offsetof(settings_t, stage_classification), NULL, 0, 0, NULL,
     "who serves this stage: actors, or bullmq or bullmq:QUEUE, where a bridge hands its dossiers to workers of "
     "BullMQ; "
     "a queue is called as its stage unless it is named; empty: actors"},
    {"YOGI_STAGE_OCR", SETTING_TEXT, offsetof(settings_t, stage_ocr), NULL, 0, 0, NULL, "likewise"},
    {"YOGI_STAGE_LLM", SETTING_TEXT, offsetof(settings_t, stage_llm), NULL, 0, 0, NULL, "likewise"},
    {"YOGI_STAGE_VALIDATION", SETTING_TEXT, offsetof(settings_t, stage_validation), NULL, 0, 0, NULL, "likewise"},
    {"YOGI_STAGE_STORE", SETTING_TEXT, offsetof(settings_t, stage_store), NULL, 0, 0, NULL, "likewise"},
    {"YOGI_STAGE_NOOP", SETTING_TEXT, offsetof(settings_t, stage_noop), NULL, 0, 0, NULL, "likewise"},
    {"YOGI_BULLMQ_GIVEN", SETTING_INT, offsetof(settings_t, bullmq_given), "256", 1, 1024, NULL,
     "dossiers of such a stage that are in its queue at once; the others wait at the broker"},
    {"YOGI_INSECURE", SETTING_CHOICE, offsetof(settings_t, insecure), "0", 0, 0, "0|1",
     "1 allows TCP beyond this machine without CURVE, where everybody can read and change the documents"},
    {"YOGI_HEALTH", SETTING_TEXT, offsetof(settings_t, health), NULL, 0, 0, NULL,
     "file that a service keeps its state in, for yogi health; empty: none"},
    {"YOGI_LOG_LEVEL", SETTING_CHOICE, offsetof(settings_t, log_level), "error", 0, 0, "debug|info|warning|error|off",
     "least level of the log lines on the standard error"},
};
enum { COUNT = sizeof table / sizeof *table };

size_t yogi_settings_load(char *const *environment, arena_t *arena, settings_t *settings, buf_t *problems)
{
    *settings = (settings_t){0};
    return settings_load(table, COUNT, "YOGI_", environment, arena, settings, problems);
}

bool yogi_settings_given(char *const *environment, const char *name)
{
    size_t length = strlen(name);
    for (char *const *entry = environment; *entry; entry++) {
        const char *rest = *entry + length;
        if (strncmp(*entry, name, length) == 0 && ((rest[0] == '=' && rest[1]) || strncmp(rest, "_FILE=", 6) == 0))
            return true;
    }
    return false;
}

const char *yogi_settings_stage(const settings_t *settings, const char *stage)
{
    const struct {
        const char *stage, *value;
    } rows[] = {{"classification", settings->stage_classification},
                {"ocr", settings->stage_ocr},
                {"llm", settings->stage_llm},
                {"validation", settings->stage_validation},
                {"store", settings->stage_store},
                {"noop", settings->stage_noop}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].stage, stage) == 0)
            return rows[i].value;
    return NULL;
}

const setting_t *yogi_settings_table(size_t *count)
{
    *count = COUNT;
    return table;
}

bool yogi_settings_takes(const char *name, const char *choice)
{
    return settings_takes(table, COUNT, name, choice);
}

void yogi_settings_print(const settings_t *settings, buf_t *out)
{
    settings_print(table, COUNT, settings, out);
}
