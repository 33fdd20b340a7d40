// settings: what a scenario asks of the worker, by the bridge's own names.
const rule = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
const addresses = (ports) => ports?.map((port) => `127.0.0.1:${port}`).join(' ');
const maybe = (value, make) => (value === undefined ? undefined : make(value));

export function bridgeEnvironment(asked) {
  const { queues, connection, limiter, environment = {} } = asked;
  const all = {
    YOGI_BULLMQ_QUEUES: Object.entries(queues).map(([name, stage]) => `${name}=${stage}`).join(','),
    YOGI_BULLMQ_PREFIX: asked.prefix,
    YOGI_BULLMQ_CONCURRENCY: asked.concurrency ?? 1,
    YOGI_BULLMQ_LOCK_DURATION: asked.lockMs,
    YOGI_BULLMQ_STALLED_INTERVAL: asked.stalledMs,
    YOGI_BULLMQ_MAX_STALLED_COUNT: asked.maxStalled,
    YOGI_BULLMQ_DRAIN_DELAY: asked.drainSeconds,
    YOGI_BULLMQ_WORKER_NAME: asked.name,
    YOGI_BULLMQ_LIMITER_MAX: limiter?.max,
    YOGI_BULLMQ_LIMITER_DURATION: limiter?.duration,
    YOGI_BULLMQ_METRICS_POINTS: asked.metricsPoints,
    YOGI_BULLMQ_REMOVE_ON_COMPLETE: maybe(asked.removeOnComplete, rule),
    YOGI_BULLMQ_REMOVE_ON_FAIL: maybe(asked.removeOnFail, rule),
    YOGI_DRAIN_SECONDS: asked.graceSeconds,
    YOGI_LOG_LEVEL: 'info',
    REDIS_HOST: connection.authority ? 'localhost' : '127.0.0.1',
    REDIS_PORT: connection.port,
    REDIS_DB: connection.db,
    REDIS_USERNAME: connection.username,
    REDIS_PASSWORD: connection.password,
    REDIS_TLS: maybe(connection.authority, () => 'on'),
    REDIS_TLS_CA: connection.authority,
    REDIS_SENTINELS: addresses(connection.sentinels),
    REDIS_SENTINEL_MASTER: connection.name,
    REDIS_CLUSTER: addresses(connection.cluster),
    ...environment,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]));
}
