// A worker of BullMQ for stages that a bridge gives away, as a team would have it, and what it wants to know of the queue.
//
//     node gives.mjs MAJOR SOCKET work QUEUE HOW [CONCURRENCY]   works until it is told to end; prints {event: "ready"}, and for each
//                                                                job {event: "job", id, name, data, opts, attemptsMade}
//     node gives.mjs MAJOR SOCKET show QUEUE                     prints {counts, jobs: [{id, name, state, returnvalue, failedReason}]}
//     node gives.mjs MAJOR SOCKET add QUEUE JSON                 adds a job for each element of the list, by its documentId; then as show
//     node gives.mjs MAJOR SOCKET remove QUEUE                   takes all waiting jobs away, then as show
//     node gives.mjs MAJOR SOCKET pause QUEUE                    pauses it, then as show
//     node gives.mjs MAJOR SOCKET fill QUEUE                     one completed, two failed, three waiting (one for an hour), two with a priority, two
//                                                                delayed; prints their ids by kind
//
// SOCKET is a path, or HOST:PORT. HOW: louder (the timetables with names in capitals), echo (gives back its data), slow MS, first-fails (the first attempt of each run
// throws), unrecoverable, garbage, cat (it is no timetable), progress, crash (ends the process at the first job).
import { createRequire } from 'node:module';

const [major, socket, what, queue, how, concurrency = '1'] = process.argv.slice(2);
const { Queue, Worker, UnrecoverableError } = createRequire(import.meta.url)(`bullmq-${major}`);
const [host, port] = socket.split(':');
const connection = { ...(port ? { host, port: Number(port) } : { path: socket }), maxRetriesPerRequest: null };
const say = it => process.stdout.write(JSON.stringify(it) + '\n');
const rest = ms => new Promise(done => setTimeout(done, ms));

async function louder({ timetables }) {
  for (const table of timetables)
    for (const block of table.timeblocks) block.name = block.name.toUpperCase();
  return { timetables, confidence: 0.5, status: 'needs_review', engine: 'louder' };
}

async function work(job) {
  say({ event: 'job', id: job.id, name: job.name, data: job.data, opts: job.opts, attemptsMade: job.attemptsMade });
  const [manner, argument] = how.split(' ');
  switch (manner) {
    case 'louder': return louder(job.data);
    case 'echo': return job.data;
    case 'slow': return rest(Number(argument));
    case 'first-fails':
      if (job.data.yogi.attempt === 1) throw new Error('not the first time');
      return null;
    case 'unrecoverable': throw new UnrecoverableError('this will never do');
    case 'garbage': return { timetables: 'none' };
    case 'cat': return { error: 'not-a-timetable', message: 'it is a cat' };
    case 'progress':
      for (const part of [10, 50, 90]) await job.updateProgress(part);
      return rest(20);
    case 'crash': process.exit(9);
  }
}

async function fill() {
  const it = new Queue(queue, { connection }), ids = {};
  const worker = new Worker(queue, async job => {
    if (job.name === 'fails') throw new Error('on purpose');
  }, { connection, autorun: false });
  worker.on('error', () => {});
  const add = async (kind, name, opts, more) => {
    const job = await it.add(name, { n: 1, url: 'https://files.example/a.pdf?sig=secret', ...more }, { attempts: 1, ...opts });
    if (name === 'fails') await job.log('a line');
    (ids[kind] ??= []).push(job.id);
  };
  await add('completed', 'works');
  for (let i = 0; i < 2; i++) await add('failed', 'fails', {}, { ill: '\u001b[31m' });
  worker.run();
  while ((await it.getJobCountByTypes('completed', 'failed')) < 3) await rest(5);
  await worker.close();
  for (let i = 0; i < 3; i++) await add('waiting', 'works', i ? {} : { timestamp: Date.now() - 3600e3 });
  for (let i = 0; i < 2; i++) await add('prioritized', 'works', { priority: 5 });
  for (let i = 0; i < 2; i++) await add('delayed', 'works', { delay: 3600e3 });
  say(ids);
  await it.close();
}

if (what === 'fill') {
  await fill();
} else if (what === 'work') {
  const worker = new Worker(queue, work, { connection, concurrency: Number(concurrency), lockDuration: 3000, stalledInterval: 500, maxStalledCount: 5 });
  worker.on('error', () => {});
  await worker.waitUntilReady();
  say({ event: 'ready' });
  process.on('SIGTERM', () => worker.close().then(() => process.exit(0)));
} else {
  const it = new Queue(queue, { connection });
  if (what === 'remove') await it.drain(true);
  if (what === 'pause') await it.pause();
  if (what === 'add') for (const data of JSON.parse(how)) await it.add('read', data, { jobId: data.documentId, attempts: 3 });
  const jobs = [];
  for (const state of ['completed', 'failed', 'waiting', 'prioritized', 'active', 'delayed'])
    for (const job of await it.getJobs([state])) jobs.push({ id: job.id, name: job.name, state, returnvalue: job.returnvalue, failedReason: job.failedReason });
  say({ counts: await it.getJobCounts(), jobs });
  await it.close();
}
