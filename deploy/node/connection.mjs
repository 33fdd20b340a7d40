// The Redis of REDIS_URL, as the bridge reads it: redis://user:password@host:6379/0, rediss://… with TLS, unix:///path.
const place = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
const where = place.startsWith('unix://') ? { path: new URL(place).pathname } : { url: place };

export const connection = { ...where, maxRetriesPerRequest: null };
export const prefix = process.env.YOGI_BULLMQ_PREFIX ?? 'bull';
