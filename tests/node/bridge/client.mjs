// client: the two majors of BullMQ, and connections to whatever kind of Redis a case has.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { ioredis } from './redis.mjs';

const require = createRequire(import.meta.url);

export const library = (major) => require(`bullmq-${major}`);
export const version = (major) => require(`bullmq-${major}/package.json`).version;

// kind: { host, port, db, username, password, authority (file), cluster: [port…], sentinels: [port…], name }
export function connect({ cluster, authority, ...kind }, more = {}) {
  const always = { maxRetriesPerRequest: null, ...more };
  if (cluster) return new ioredis.Cluster(cluster.map((port) => ({ host: '127.0.0.1', port })), { redisOptions: always });
  if (kind.sentinels) return new ioredis.Redis({ ...always, name: kind.name, sentinels: kind.sentinels.map((port) => ({ host: '127.0.0.1', port })) });
  const tls = authority ? { tls: { ca: readFileSync(authority), servername: 'localhost' } } : {};
  return new ioredis.Redis({ host: '127.0.0.1', ...kind, ...tls, ...always });
}
