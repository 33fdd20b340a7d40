// when a job may not be begun yet
import { between, equal, pause, until } from '../rig.mjs';

const ok = { op: 'ok' };
const many = (count, data = ok) => Array.from({ length: count }, () => ({ name: 'a', data }));

// most jobs begun in any window of so many ms
function densest(jobs, ms) {
  const times = jobs.map(({ processedOn }) => processedOn).sort((a, b) => a - b);
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + ms).length));
}

// the worker's own: a window begins with its first job, so two windows may touch
export async function own_rate(t) {
  const queue = t.queue();
  const jobs = await queue.addBulk(many(10));
  await t.worker({ limiter: { max: 3, duration: 500 }, concurrency: 5 });
  const done = await t.finished(jobs);
  between(densest(done, 490), 1, 6, 'jobs in a window');
  between(Math.max(...done.map((j) => j.processedOn)) - Math.min(...done.map((j) => j.processedOn)), 1000, 30000, 'ms for four windows');
}

export async function global_rate(t) {
  const queue = t.queue();
  await queue.setGlobalRateLimit(2, 400);
  const jobs = await queue.addBulk(many(7));
  await Promise.all([t.worker({ concurrency: 5 }), t.worker({ concurrency: 5 })]);
  const done = await t.finished(jobs);
  between(Math.max(...done.map((j) => j.processedOn)) - Math.min(...done.map((j) => j.processedOn)), 800, 30000, 'ms for four windows');
  await queue.removeGlobalRateLimit();
  await t.finished(await queue.addBulk(many(20)));
}

// set by hand for a time
export async function by_hand(t) {
  const queue = t.queue();
  await queue.setGlobalRateLimit(1000, 1000);
  await t.worker();
  await t.finished(await queue.add('a', ok));
  const from = Date.now();
  await queue.rateLimit(700);
  const done = await t.finished(await queue.add('a', ok));
  between(done.processedOn - from, 650, 30000, 'ms until the next');
}

// as many as the queue allows over all workers, though each has room for more; more as soon as it allows more
export async function global_concurrency(t) {
  const queue = t.queue();
  await queue.setGlobalConcurrency(2);
  const jobs = await queue.addBulk(many(8, { op: 'slow', ms: 120 }));
  await Promise.all([t.worker({ concurrency: 5 }), t.worker({ concurrency: 5 })]);
  const most = async () => {
    let now = 0, found = 0;
    for (const { event } of await t.history()) {
      if (event === 'active') found = Math.max(found, ++now);
      if (event === 'completed') now--;
    }
    return found;
  };
  await t.finished(jobs);
  equal(await most(), 2);
  await queue.removeGlobalConcurrency();
  await t.finished(await queue.addBulk(many(20, { op: 'slow', ms: 120 })));
  between(await most(), 3, 10, 'at a time afterwards');
}

export async function paused(t) {
  const queue = t.queue();
  await t.worker({ concurrency: 3 });
  const running = await queue.add('a', { op: 'slow', ms: 1000 });
  await until(() => running.isActive(), 'the first to run');
  await queue.pause();
  const jobs = [...(await queue.addBulk(many(10))), await queue.add('a', ok, { priority: 1 }), await queue.add('a', ok, { delay: 50 })];
  await t.finished(running); // what runs goes on to its end
  await pause(300);
  equal((await t.begun()).length, 1);
  await queue.resume();
  await t.finished(jobs);
  equal(new Set(await t.begun()).size, 13);
}

// nothing is lost while a queue is paused and resumed again and again under load
export async function paused_often(t) {
  const queue = t.queue();
  await t.worker({ concurrency: 4 });
  const jobs = [];
  for (let i = 0; i < 8; i++) {
    jobs.push(...(await queue.addBulk(many(10, { op: 'failTimes', times: 1 }).map((job) => ({ ...job, opts: { attempts: 2, backoff: i % 2 ? 5 : 0 } })))));
    await queue.pause();
    jobs.push(...(await queue.addBulk(many(5))));
    await pause(10);
    await queue.resume();
  }
  for (const done of await t.finished(jobs)) equal(await done.getState(), 'completed');
  equal((await queue.getJobCounts()).completed, 120);
}

// what holds up one queue holds up no other at the same worker
export async function apart(t) {
  const names = ['limited', 'paused', 'full', 'free'], [limited, paused, full, free] = names.map((name) => t.queue(name));
  await limited.setGlobalRateLimit(1, 60000);
  await paused.pause();
  await t.worker({ queues: Object.fromEntries(names.map((name) => [name, 'noop'])), concurrency: 2 });
  await full.addBulk(many(4, { op: 'slow', ms: 5000 }));
  await limited.addBulk(many(5));
  await paused.addBulk(many(5));
  await until(async () => (await full.getActiveCount()) === 2, 'two to run');
  const begin = Date.now();
  await t.finished(await free.addBulk(many(50)));
  between(Date.now() - begin, 0, 4000, 'ms for the free queue');
  equal([await limited.getCompletedCount(), await paused.getCompletedCount()], [1, 0]);
  await full.drain();
  await until(async () => (await full.getActiveCount()) === 0, 'its jobs to end');
}

// a worker that has nothing to do asks Redis for next to nothing, however many jobs wait that it may not begin
export async function idle(t) {
  const queue = t.queue();
  await queue.addBulk(many(500).map((job, i) => (i % 2 ? job : { ...job, opts: { delay: 3600000 } })));
  await queue.pause();
  await t.worker({ concurrency: 20 });
  await pause(200);
  const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await t.client.info('stats'))[1]);
  const before = await commands();
  await pause(3000);
  between((await commands()) - before, 0, 40, 'commands of Redis in 3 s');
}
