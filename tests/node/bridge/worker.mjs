// worker: Node's own Worker in place of the bridge, so that a scenario shows what BullMQ itself does. Its settings come as JSON:
// see Rig.worker in rig.mjs. Says "ready" when every queue is being fetched; SIGTERM closes it.
//
//     node worker.mjs MAJOR SETTINGS
import { connect, library } from './client.mjs';
import { processor } from './ops.mjs';

const [major, json] = process.argv.slice(2);
const settings = JSON.parse(json);
const bullmq = library(major);
const option = (value, make) => (value === undefined ? {} : make(value));

const workers = Object.keys(settings.queues).map((queue) => new bullmq.Worker(queue, processor(bullmq), {
  connection: connect(settings.connection),
  ...option(settings.prefix, (prefix) => ({ prefix })),
  concurrency: settings.concurrency ?? 1,
  maxStalledCount: 10,
  ...option(settings.lockMs, (lockDuration) => ({ lockDuration })),
  ...option(settings.stalledMs, (stalledInterval) => ({ stalledInterval })),
  ...option(settings.maxStalled, (maxStalledCount) => ({ maxStalledCount })),
  ...option(settings.drainSeconds, (drainDelay) => ({ drainDelay })),
  ...option(settings.name, (name) => ({ name })),
  ...option(settings.limiter, (limiter) => ({ limiter })),
  ...option(settings.metricsPoints, (maxDataPoints) => ({ metrics: { maxDataPoints } })),
  ...option(settings.removeOnComplete, (removeOnComplete) => ({ removeOnComplete })),
  ...option(settings.removeOnFail, (removeOnFail) => ({ removeOnFail })),
}));
workers.forEach((worker) => worker.on('error', (error) => console.error(String(error))));
process.once('SIGTERM', async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  process.exit(0);
});
await Promise.all(workers.map((worker) => worker.waitUntilReady()));
console.log('ready');
