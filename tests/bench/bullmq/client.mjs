// client: what a program with the npm package bullmq does around the worker that is measured.
//
//     node client.mjs fill REDIS-PORT QUEUE JOBS [delayed]     adds as many no-op jobs, and is done
//     node client.mjs latency REDIS-PORT QUEUE JOBS MS         a job every MS milliseconds: "jobs=N p50us=N p99us=N" from add to completed
//     node client.mjs add REDIS-PORT QUEUE JOBS WINDOW         Queue.add, WINDOW of them under way: "jobs=N per_second=N cpu_us=N"
//     node client.mjs bulk REDIS-PORT QUEUE JOBS WINDOW        the same with Queue.addBulk, WINDOW jobs in each
//     node client.mjs round REDIS-PORT QUEUE JOBS WINDOW       Queue.add, and what a Worker returned (waitUntilFinished), WINDOW of them under way
//     node client.mjs work REDIS-PORT QUEUE CONCURRENCY        a Worker that gives back what it gets, until it is told to end; says "ready"
//     node client.mjs burst REDIS-PORT QUEUE JOBS DATA         jobs with these data, waited for: "jobs=N seconds=N per_second=N"
import { connect, library } from '../bridge/client.mjs';

const { Queue, QueueEvents, Worker } = library(6);
const [what, port, name, count, more] = process.argv.slice(2);
const connection = () => connect({ port: Number(port) });
// so many events are kept that a reader which is late misses none: it would wait for them for ever
const kept = { streams: { events: { maxLen: 10000000 } } };
const queue = new Queue(name, { connection: connection(), ...kept }), jobs = Number(count);
const opts = { removeOnComplete: true, removeOnFail: true }, data = { op: 'ok' };
const AT_ONCE = 1000;

// from the stream's begin: what is told before the first read would be missed otherwise
async function listen() {
  const events = new QueueEvents(name, { connection: connection(), lastEventId: '0-0' });
  await events.waitUntilReady();
  return events;
}

async function addAll(job) {
  for (let sent = 0; sent < jobs; sent += AT_ONCE)
    await queue.addBulk(Array.from({ length: Math.min(AT_ONCE, jobs - sent) }, () => job));
}

// WINDOW of these under way until there were JOBS; a tenth of them before it counts, so that the code is warm
async function window(one) {
  const many = (left) => Promise.all(Array.from({ length: Number(more) }, async () => { while (left-- > 0) await one(); }));
  await many(jobs / 10);
  await timed(() => many(jobs));
}

async function bulk(size) {
  const many = async (left) => {
    for (; left > 0; left -= size)
      await queue.addBulk(Array.from({ length: Math.min(size, left) }, () => ({ name: 'noop', data, opts })));
  };
  await many(jobs / 10);
  await timed(() => many(jobs));
}

async function timed(run) {
  const begin = performance.now(), cpu = process.cpuUsage();
  await run();
  const seconds = (performance.now() - begin) / 1000, { user, system } = process.cpuUsage(cpu);
  console.log(`jobs=${jobs} per_second=${(jobs / seconds).toFixed(0)} cpu_us=${((user + system) / jobs).toFixed(1)}`);
}

const parts = {
  fill: () => addAll({ name: 'noop', data, opts: more === 'delayed' ? { ...opts, delay: 36000000 } : opts }),

  async latency() {
    const events = await listen(), begun = new Map(), took = [];
    let all;
    const end = new Promise((done) => (all = done));
    events.on('completed', ({ jobId }) => {
      if (!begun.has(jobId)) return;
      took.push(performance.now() - begun.get(jobId));
      if (took.length === jobs) all();
    });
    for (let i = 0; i < jobs; i++) {
      const jobId = `${process.pid}-${i}`;
      begun.set(jobId, performance.now());
      await queue.add('noop', data, { ...opts, jobId });
      await new Promise((done) => setTimeout(done, Number(more)));
    }
    await end;
    took.sort((a, b) => a - b);
    const at = (part) => (1000 * took[Math.floor(part * jobs)]).toFixed(0);
    console.log(`jobs=${jobs} p50us=${at(0.5)} p99us=${at(0.99)}`);
  },

  add: () => window(() => queue.add('noop', data, opts)),
  bulk: () => bulk(Number(more)),

  async round() {
    const events = await listen();
    await window(async () => (await queue.add('noop', data, { removeOnComplete: { age: 3600 } })).waitUntilFinished(events));
  },

  async burst() {
    const events = await listen();
    let ended = 0, all;
    const end = new Promise((done) => (all = done));
    events.on('completed', () => ++ended === jobs && all());
    events.on('failed', ({ failedReason }) => { console.error(failedReason); process.exit(1); });
    const begin = performance.now();
    await addAll({ name: 'document', data: JSON.parse(more), opts });
    await end;
    const seconds = (performance.now() - begin) / 1000;
    console.log(`jobs=${jobs} seconds=${seconds.toFixed(3)} per_second=${(jobs / seconds).toFixed(0)}`);
  },
};

if (what === 'work') {
  const worker = new Worker(name, async (job) => job.data, { connection: connection(), concurrency: jobs });
  await worker.waitUntilReady();
  console.log('ready');
} else {
  await parts[what]();
  process.exit(0);
}
