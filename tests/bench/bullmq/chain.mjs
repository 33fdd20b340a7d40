// chain: documents through four BullMQ queues, whose workers do nothing but pass them on: one process for each, or one for all.
//
//     node chain.mjs REDIS-PORT DOCUMENTS CONCURRENCY [one]      prints "documents=N seconds=N per_second=N cpu_us=N"
//
// The stages add a job to the next queue and are done; the last one is waited for by its events. Jobs are removed when
// they are complete, as kind to BullMQ as its settings allow. cpu_us is what the workers took for each document.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { connect, library } from '../bridge/client.mjs';

const { Queue, QueueEvents, Worker } = library(6);
const [port, documents, concurrency] = process.argv.slice(2, 5).map(Number), part = process.argv[5];
const names = ['classification', 'ocr', 'llm', 'validation'];
const connection = () => connect({ port });
const options = { removeOnComplete: true, removeOnFail: true };
const AT_ONCE = 500;

function work(stage) {
  const next = stage + 1 < names.length && new Queue(names[stage + 1], { connection: connection() });
  const worker = new Worker(names[stage], async (job) => {
    if (next) await next.add('document', job.data, options);
  }, { connection: connection(), concurrency });
  worker.on('failed', (job, error) => { console.error(error); process.exit(1); });
  return worker.waitUntilReady();
}

function workers() {
  return (part === 'one' ? ['all'] : [0, 1, 2, 3]).map((stages) => fork(fileURLToPath(import.meta.url), [port, documents, concurrency, stages]));
}

const asked = (worker, what) => new Promise((answer) => { worker.once('message', answer); if (what) worker.send(what); });

async function drive() {
  const all = workers();
  await Promise.all(all.map((worker) => asked(worker)));
  const events = new QueueEvents(names[names.length - 1], { connection: connection() });
  await events.waitUntilReady();
  // so many events are kept that a reader which is late misses none: it would wait for them for ever
  const [first] = names.map((name) => new Queue(name, { connection: connection(), streams: { events: { maxLen: 10000000 } } }));
  let ended = 0;
  const end = new Promise((done) => events.on('completed', () => ++ended === documents && done()));
  const data = { documentId: '0190b6e4-0000-7000-8000-000000000000', s3Key: 'uploads/2026/11/23/week.png', pad: 'x'.repeat(100) };
  const start = process.hrtime.bigint();
  for (let sent = 0; sent < documents; sent += AT_ONCE)
    await first.addBulk(Array.from({ length: Math.min(AT_ONCE, documents - sent) }, () => ({ name: 'document', data, opts: options })));
  await end;
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const cpu = (await Promise.all(all.map((worker) => asked(worker, 'cpu')))).reduce((sum, one) => sum + one, 0) / documents;
  console.log(`documents=${documents} seconds=${seconds.toFixed(3)} per_second=${(documents / seconds).toFixed(0)} cpu_us=${cpu.toFixed(1)}`);
  all.forEach((worker) => worker.kill());
  process.exit(0);
}

if (part === undefined || part === 'one') drive();
else {
  const begin = process.cpuUsage();
  await Promise.all((part === 'all' ? [0, 1, 2, 3] : [Number(part)]).map(work));
  process.on('message', () => { const { user, system } = process.cpuUsage(begin); process.send(user + system); });
  process.send('ready');
}
