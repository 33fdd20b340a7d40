'use strict';
// chain: documents through four BullMQ queues, each with a worker process of its own that does nothing but pass them on.
//
//     node chain.js REDIS-PORT DOCUMENTS CONCURRENCY      prints "documents=N seconds=N per_second=N"
//
// The stages add a job to the next queue and are done; the last one is waited for by its events. Jobs are removed when
// they are complete, as kind to BullMQ as its settings allow.
const { Queue, QueueEvents, Worker } = require('bullmq');
const { fork } = require('child_process');
const Redis = require('ioredis');

const [port, documents, concurrency, stage] = process.argv.slice(2).map(Number);
const names = ['classification', 'ocr', 'llm', 'validation'];
const connect = () => new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null });
const options = { removeOnComplete: true, removeOnFail: true };
const AT_ONCE = 500;

function work() {
  const next = stage + 1 < names.length && new Queue(names[stage + 1], { connection: connect() });
  const worker = new Worker(names[stage], async (job) => {
    if (next) await next.add('document', job.data, options);
  }, { connection: connect(), concurrency });
  worker.on('failed', (job, error) => { console.error(error); process.exit(1); });
  worker.waitUntilReady().then(() => process.send('ready'));
}

async function drive() {
  const workers = names.map((name, i) => fork(__filename, [port, documents, concurrency, i]));
  await Promise.all(workers.map((worker) => new Promise((ready) => worker.once('message', ready))));
  const events = new QueueEvents(names[names.length - 1], { connection: connect() });
  await events.waitUntilReady();
  const first = new Queue(names[0], { connection: connect() });
  let ended = 0;
  const all = new Promise((done) => events.on('completed', () => ++ended === documents && done()));
  const data = { documentId: '0190b6e4-0000-7000-8000-000000000000', s3Key: 'uploads/2026/11/23/week.png', pad: 'x'.repeat(100) };
  const start = process.hrtime.bigint();
  for (let sent = 0; sent < documents; sent += AT_ONCE)
    await first.addBulk(Array.from({ length: Math.min(AT_ONCE, documents - sent) }, () => ({ name: 'document', data, opts: options })));
  await all;
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  console.log(`documents=${documents} seconds=${seconds.toFixed(3)} per_second=${(documents / seconds).toFixed(0)}`);
  workers.forEach((worker) => worker.kill());
  process.exit(0);
}

if (process.argv.length > 5) work();
else drive();
