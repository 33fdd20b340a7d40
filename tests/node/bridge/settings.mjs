// settings: what a scenario asks of the worker, by the bridge's own names.
const rule = (value) => (value === true ? '1' : typeof value === 'object' ? JSON.stringify(value) : String(value));

export function bridgeEnvironment(asked) {
  const { queues, connection, limiter, environment = {} } = asked;
  const all = {
    YOGI_BULLMQ_QUEUES: Object.entries(queues).map(([name, stage]) => `${name}=${stage}`).join(','),
    YOGI_BULLMQ_PREFIX: asked.prefix,
    YOGI_BULLMQ_CONCURRENCY: asked.concurrency ?? 1,
    YOGI_BULLMQ_LOCK_MS: asked.lockMs,
    YOGI_BULLMQ_STALLED_MS: asked.stalledMs,
    YOGI_BULLMQ_MAX_STALLED: asked.maxStalled,
    YOGI_BULLMQ_DRAIN_SECONDS: asked.drainSeconds,
    YOGI_DRAIN_SECONDS: asked.graceSeconds,
    YOGI_BULLMQ_NAME: asked.name,
    YOGI_BULLMQ_LIMIT_MAX: limiter?.max,
    YOGI_BULLMQ_LIMIT_MS: limiter?.duration,
    YOGI_BULLMQ_METRICS: asked.metricsPoints,
    YOGI_BULLMQ_REMOVE_ON_COMPLETE: asked.removeOnComplete === undefined ? undefined : rule(asked.removeOnComplete),
    YOGI_BULLMQ_REMOVE_ON_FAIL: asked.removeOnFail === undefined ? undefined : rule(asked.removeOnFail),
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: connection.port,
    REDIS_DB: connection.db,
    REDIS_USERNAME: connection.username,
    REDIS_PASSWORD: connection.password,
    ...environment,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]));
}
