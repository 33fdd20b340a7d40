// what happens when something is lost: a marker, a lock, a worker, a connection, Redis itself
import { Skip, between, equal, pause, standstill, until } from '../rig.mjs';

const ok = { op: 'ok' };
const many = (count, data = ok) => Array.from({ length: count }, () => ({ name: 'a', data }));
const COUNT = Number(process.env.BRIDGE_TEST_JOBS ?? 1500); // 10,000 in the long form

// every job is completed, and told to be so once
async function all_once(t, jobs, queue, ms = 75000) {
  await until(async () => (await queue.getCompletedCount()) === jobs, `${jobs} jobs to be completed`, ms)
    .catch(async (error) => { throw new Error(`${error.message}, now ${JSON.stringify(await queue.getJobCounts())}`); });
  const told = (await t.history()).filter(({ event }) => event === 'completed').map(({ jobId }) => jobId);
  equal([told.length, new Set(told).size, await queue.getFailedCount()], [jobs, jobs, 0]);
}

// a queue whose stream of events is long enough for all of them
const long = { streams: { events: { maxLen: 1000000 } } };

// a job whose marker is gone is found all the same
export async function marker(t) {
  const queue = t.queue();
  await t.worker({ drainSeconds: 1 });
  await t.finished(await queue.add('a', ok));
  await pause(100); // it waits
  await t.client.multi().hset('bull:work:lost', { name: 'a', data: '{"op":"ok"}', opts: '{"attempts":1}', timestamp: '1', delay: '0', priority: '0' })
    .lpush('bull:work:wait', 'lost').exec();
  await until(async () => (await t.client.zscore('bull:work:completed', 'lost')) !== null, 'it to be completed', 20000);
}

// a job that must fail, by somebody else's word
export async function deferred_failure(t) {
  const queue = t.queue();
  const job = await queue.add('a', { op: 'echo', value: 1 }, { attempts: 5 });
  await t.client.hset(`bull:work:${job.id}`, 'defa', 'a child has failed');
  await t.worker();
  const done = await t.finished(job);
  equal([await done.getState(), done.failedReason, done.returnvalue ?? null], ['failed', 'a child has failed', null]);
}

// connections are cut at random
export async function connections(t) {
  const queue = t.queue('work', long);
  await t.worker({ concurrency: 5, drainSeconds: 1, lockMs: 2000, stalledMs: 500 });
  await queue.addBulk(many(200, { op: 'slow', ms: 10 }));
  for (let i = 0; i < 8; i++) {
    await pause(40);
    await t.client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  }
  await all_once(t, 200, queue);
}

// Redis forgets its scripts
export async function scripts(t) {
  const queue = t.queue('work', long);
  await t.worker({ concurrency: 5 });
  await queue.addBulk(many(100, { op: 'failTimes', times: 1 }).map((job) => ({ ...job, opts: { attempts: 2, backoff: 5 } })));
  for (let i = 0; i < 10; i++) {
    await t.client.script('FLUSH');
    await pause(15);
  }
  await all_once(t, 100, queue);
}
scripts.bridgeAlone = 'ioredis gives up on a script that is flushed a second time';

// a worker dies; the next one finds its jobs stalled, counts that, and does them
export async function stalled(t) {
  const queue = t.queue('work', long);
  const settings = { concurrency: 3, lockMs: 500, stalledMs: 300, drainSeconds: 1 };
  const first = await t.worker(settings);
  const jobs = await queue.addBulk(many(3, { op: 'slow', ms: 60000 }));
  await until(async () => (await queue.getActiveCount()) === 3, 'all to run');
  await Promise.all(jobs.map((job) => job.updateData(ok)));
  await first.kill();
  await t.worker(settings);
  const done = await t.finished(jobs);
  equal(done.map((job) => [job.stalledCounter, job.attemptsMade, job.attemptsStarted]), done.map(() => [1, 1, 2]));
  equal((await t.history()).filter(({ event }) => event === 'stalled').length, 3);
}

export async function stalled_too_often(t) {
  const queue = t.queue();
  const settings = { lockMs: 300, stalledMs: 200, maxStalled: 1, drainSeconds: 1 };
  const job = await queue.add('a', { op: 'slow', ms: 60000 }, { attempts: 5 });
  for (let i = 0; i < 2; i++) {
    const worker = await t.worker(settings);
    await until(async () => (await t.begun()).length === i + 1, 'it to run');
    await worker.kill();
  }
  await t.worker(settings);
  const done = await t.finished(job);
  equal([await done.getState(), done.failedReason, (await t.begun()).length], ['failed', 'job stalled more than allowable limit', 3]);
}

// locks of jobs that take longer than a lock are kept, though all slots are busy all the time and others hammer on Redis
export async function locks(t) {
  const seconds = Number(process.env.BRIDGE_TEST_BUSY_SECONDS ?? 40), lockMs = Number(process.env.BRIDGE_TEST_LOCK_MS ?? 2000);
  const queue = t.queue('work', long), quick = t.queue('quick', { streams: { events: { maxLen: 100 } } });
  await t.worker({ queues: { work: 'noop', quick: 'noop' }, concurrency: 10, lockMs, stalledMs: lockMs, drainSeconds: 1 });
  const end = Date.now() + seconds * 1000, stood = standstill();
  let added = 0;
  while (Date.now() < end) {
    const { waiting } = await queue.getJobCounts('waiting');
    if (waiting < 10) added += (await queue.addBulk(many(10, { op: 'slow', ms: lockMs * 1.7 }))).length;
    if ((await quick.getWaitingCount()) < 20) await quick.addBulk(many(40).map((job) => ({ ...job, opts: { removeOnComplete: true } })));
    await pause(100);
  }
  await all_once(t, added, queue, 75000 + 5 * lockMs);
  const stalledJobs = (await t.history()).filter(({ event }) => event === 'stalled').length, most = stood();
  if (stalledJobs && most > lockMs / 4) throw new Skip(`this machine stood still for ${Math.round(most)} ms: locks of ${lockMs} ms cannot be kept on it`);
  equal(stalledJobs, 0);
}

// a lock that another has taken: the job's late result is refused, and dropped
export async function lock_taken(t) {
  const queue = t.queue();
  const worker = await t.worker({ drainSeconds: 1, lockMs: 60000, name: 'robbed' });
  const job = await queue.add('a', { op: 'slow', ms: 1500 }, { attempts: 3 });
  await until(() => job.isActive(), 'it to run');
  await t.client.set(`bull:work:${job.id}:lock`, 'another', 'PX', 60000);
  const other = await t.finished(await queue.add('b', ok)); // it has gone on
  equal([await other.getState(), await job.getState(), worker.end], ['completed', 'active', undefined]);
  equal(await t.client.get(`bull:work:${job.id}:lock`), 'another');
  if (t.isBridge) await until(async () => (await t.tally('robbed')).refused === 1, 'its counter to say so');
  equal((await t.history()).filter(({ event, jobId }) => jobId === job.id && event !== 'added').map(({ event }) => event), ['waiting', 'active']);
}

// a job whose lock is lost is called off: its actor is free for the next one
export async function called_off(t) {
  const { place } = await t.actors(); // one worker
  const queue = t.queue();
  await t.worker({ concurrency: 2, lockMs: 1500, stalledMs: 60000, name: 'robbed', environment: { YOGI_BROKERS: place, YOGI_BULLMQ_NOOP: 'broker' } });
  const job = await queue.add('a', { op: 'hang' });
  await until(() => job.isActive(), 'it to run');
  await t.client.set(`bull:work:${job.id}:lock`, 'another', 'PX', 60000);
  await until(async () => (await t.tally('robbed')).lost_locks === 1, 'its counter to say so');
  equal(await (await t.finished(await queue.add('b', { op: 'slow', ms: 10 }))).getState(), 'completed');
  equal(await t.client.get(`bull:work:${job.id}:lock`), 'another');
}
called_off.bridgeAlone = 'a Worker of Node goes on';

// killed again and again in the middle of many jobs
export async function killed(t) {
  const queue = t.queue('work', long);
  const settings = { concurrency: 20, lockMs: 1000, stalledMs: 500, drainSeconds: 1 };
  for (let i = 0; i < COUNT; i += 500) await queue.addBulk(many(Math.min(500, COUNT - i), { op: 'slow', ms: 5 }));
  for (const part of [0.1, 0.35, 0.6]) {
    const worker = await t.worker(settings);
    await until(async () => (await queue.getCompletedCount()) > COUNT * part, 'some to be completed');
    await worker.kill();
  }
  await t.worker(settings);
  await all_once(t, COUNT, queue);
  const done = await queue.getCompleted(0, -1), stalledJobs = done.filter(({ stalledCounter }) => stalledCounter > 0);
  between(stalledJobs.length, 1, COUNT / 2, 'jobs that were in the hands of those that died');
  for (const job of done) equal(job.attemptsStarted, (job.stalledCounter ?? 0) + 1, job.id);
}

// Redis dies and comes back with what it had written
export async function redis_killed(t) {
  const queue = t.queue('work', long), count = Math.round(COUNT / 3);
  await t.worker({ concurrency: 10, lockMs: 1000, stalledMs: 500, drainSeconds: 1 });
  await queue.addBulk(many(count, { op: 'slow', ms: 10 }));
  for (const part of [0.2, 0.6]) {
    await until(async () => (await queue.getCompletedCount()) > count * part, 'some to be completed');
    await t.redis.kill();
    await pause(300);
    await t.redis.start();
  }
  await all_once(t, count, queue);
}
redis_killed.redis = { appendonly: 'yes', appendfsync: 'always' };

// Redis is frozen for longer than locks hold
export async function redis_frozen(t) {
  const queue = t.queue('work', long);
  await t.worker({ concurrency: 5, lockMs: 1000, stalledMs: 500, drainSeconds: 1 });
  await queue.addBulk(many(100, { op: 'slow', ms: 50 }));
  await until(async () => (await queue.getCompletedCount()) > 10, 'some to be completed');
  t.redis.process.kill('SIGSTOP');
  await pause(3000);
  t.redis.process.kill('SIGCONT');
  await all_once(t, 100, queue);
}

// not there when the worker starts: a clear line, no spin, and it begins when Redis comes
export async function redis_away(t) {
  await t.redis.kill();
  const worker = t.launch({ drainSeconds: 1 });
  await until(() => worker.err.includes(String(t.redis.port)) || worker.err.includes('refused'), 'a line about it');
  await pause(1000);
  if (worker.err.split('\n').length > 60) throw new Error(`too many lines:\n${worker.err}`);
  equal([worker.out, worker.end], ['', undefined], 'it is not ready, and has not given up');
  await t.redis.start();
  await worker.ready();
  equal(await (await t.finished(await t.queue().add('a', ok))).getState(), 'completed');
}

// frozen for longer than its lock: another does its jobs, its own late results are refused
export async function frozen(t) {
  const queue = t.queue('work', long);
  const settings = { concurrency: 4, lockMs: 600, stalledMs: 300, drainSeconds: 1 };
  const first = await t.worker({ ...settings, name: 'frozen' });
  const jobs = await queue.addBulk(many(4, { op: 'slow', ms: 1500 }));
  await until(async () => (await queue.getActiveCount()) === 4, 'all to run');
  first.signal('SIGSTOP');
  await t.worker(settings);
  const done = await t.finished(jobs);
  first.signal('SIGCONT');
  await all_once(t, 4, queue);
  equal(done.map(({ stalledCounter }) => stalledCounter), [1, 1, 1, 1]);
  await t.finished(await queue.addBulk(many(20, { op: 'slow', ms: 20 })));
  await all_once(t, 24, queue);
  if (!t.isBridge) return;
  const counts = await until(async () => { const found = await t.tally('frozen'); return found.lost_locks + found.refused + found.dropped >= 4 && found; }, 'its counters to say so');
  equal(counts.completed + counts.lost_locks + counts.refused + counts.dropped >= counts.fetched, true, JSON.stringify(counts));
}

// two workers and one of Node's share a queue
export async function shared(t) {
  const queue = t.queue('work', long), by = [];
  await Promise.all(['left', 'right'].map((name) => t.worker({ name, concurrency: 4 })));
  await t.peer('work', async (job) => void await pause(job.data.ms), { concurrency: 4, name: 'node' });
  await queue.addBulk(many(300, { op: 'slow', ms: 10 }));
  await all_once(t, 300, queue);
  for (const job of await queue.getCompleted(0, -1)) by.push(job.processedBy);
  for (const name of ['left', 'right', 'node']) between(by.filter((one) => one === name).length, 20, 260, `jobs of ${name}`);
}

// told to end, it lets its jobs come to their end and begins no others
export async function graceful(t) {
  const queue = t.queue();
  const worker = await t.worker({ concurrency: 2, lockMs: 1500, stalledMs: 500 });
  const jobs = await queue.addBulk(many(4, { op: 'slow', ms: 2500 }));
  await until(async () => (await queue.getActiveCount()) === 2, 'two to run');
  await worker.stop();
  equal(await Promise.all(jobs.map((job) => job.getState())), ['completed', 'completed', 'waiting', 'waiting']);
  equal([(await queue.getJob(jobs[0].id)).stalledCounter, await queue.getWorkersCount()], [0, 0]);
}

// what does not come to its end in the grace time is handed back, and no attempt is counted
export async function handed_back(t) {
  const queue = t.queue();
  const worker = await t.worker({ concurrency: 2, graceSeconds: 1 });
  const jobs = await queue.addBulk(many(2, { op: 'slow', ms: 60000 }));
  await until(async () => (await queue.getActiveCount()) === 2, 'both to run');
  const from = Date.now();
  await worker.stop(30000);
  between(Date.now() - from, 900, 20000, 'ms until its end');
  for (const job of jobs) {
    const back = await queue.getJob(job.id);
    equal([await back.getState(), back.attemptsMade, back.stalledCounter], ['waiting', 0, 0]);
    await back.updateData(ok);
  }
  await t.worker({ concurrency: 2 });
  for (const done of await t.finished(jobs)) equal([await done.getState(), done.attemptsMade], ['completed', 1]);
}
handed_back.bridgeAlone = 'Node waits for its jobs for ever';

// told to end while Redis is away
export async function end_without_redis(t) {
  const queue = t.queue();
  const worker = await t.worker({ graceSeconds: 1 });
  const job = await queue.add('a', { op: 'slow', ms: 1000 });
  await until(() => job.isActive(), 'it to run');
  t.redis.process.kill('SIGSTOP');
  const from = Date.now();
  await worker.stop(30000);
  between(Date.now() - from, 0, 25000, 'ms until its end');
  t.redis.process.kill('SIGCONT');
}
end_without_redis.bridgeAlone = 'Node waits for Redis for ever';
