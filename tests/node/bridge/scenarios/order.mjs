// which job is next
import { between, equal, pause, until } from '../rig.mjs';

const ok = { op: 'ok' };
const ids = (jobs) => jobs.map(({ id }) => id);

export async function first_come(t) {
  const queue = t.queue();
  const jobs = await queue.addBulk(Array.from({ length: 30 }, () => ({ name: 'a', data: ok })));
  await t.worker();
  await t.finished(jobs);
  equal(await t.begun(), ids(jobs));
}

// jobs without a priority first, then the lowest number, and among equals as they came
export async function priorities(t) {
  const queue = t.queue();
  const wanted = [];
  for (const priority of [7, 2, undefined, 2097151, 2, 1, 7, undefined])
    wanted.push([priority ?? 0, await queue.add('a', ok, { priority })]);
  equal(await queue.getPrioritizedCount(), 6);
  await t.worker();
  await t.finished(wanted.map(([, job]) => job));
  equal(await t.begun(), ids(wanted.map((pair, i) => [...pair, i]).sort((a, b) => a[0] - b[0] || a[2] - b[2]).map(([, job]) => job)));
}

export async function priority_changed(t) {
  const queue = t.queue();
  const [first, second, third] = await queue.addBulk([3, 3, 3].map((priority) => ({ name: 'a', data: ok, opts: { priority } })));
  await third.changePriority({ priority: 1 });
  await first.changePriority({ priority: 9 });
  await t.worker();
  await t.finished([first, second, third]);
  equal(await t.begun(), ids([third, second, first]));
}

export async function last_in_first_out(t) {
  const queue = t.queue();
  const first = await queue.add('a', ok), second = await queue.add('a', ok);
  const third = await queue.add('a', ok, { lifo: true }), fourth = await queue.add('a', ok, { lifo: true });
  await t.worker();
  await t.finished([first, second, third, fourth]);
  equal(await t.begun(), ids([fourth, third, first, second]));
}

// not before its time, soon after it, and before that it is in nobody's way; the worker sleeps meanwhile
export async function delayed(t) {
  const queue = t.queue();
  await t.worker();
  const late = await queue.add('late', ok, { delay: 600 }), later = await queue.add('later', ok, { delay: 900 });
  equal(await late.getState(), 'delayed');
  await t.finished(await queue.add('now', ok));
  equal(await late.getState(), 'delayed');
  for (const job of await t.finished([late, later])) between(job.processedOn - job.timestamp - job.opts.delay, -1, 5000, 'lateness in ms');
}

// many that become due at the same time
export async function delayed_many(t) {
  const queue = t.queue();
  await t.worker({ concurrency: 10 });
  const jobs = await queue.addBulk(Array.from({ length: 200 }, (_, i) => ({ name: 'a', data: ok, opts: { delay: 200 + (i % 7) } })));
  await t.finished(jobs);
  equal(new Set(await t.begun()).size, 200);
  equal((await t.begun()).length, 200);
}

export async function delay_changed(t) {
  const queue = t.queue();
  await t.worker();
  const sooner = await queue.add('a', ok, { delay: 3600000 }), later = await queue.add('a', ok, { delay: 200 });
  await later.changeDelay(3600000);
  await sooner.changeDelay(100);
  await t.finished(sooner);
  equal(await later.getState(), 'delayed');
}

export async function promoted(t) {
  const queue = t.queue();
  await t.worker();
  const job = await queue.add('a', ok, { delay: 3600000 }), other = await queue.add('a', ok, { delay: 3600000, priority: 5 });
  await job.promote();
  await t.finished(job);
  equal(await other.getState(), 'delayed');
  await queue.promoteJobs();
  await t.finished(other);
}

export async function delayed_with_priority(t) {
  const queue = t.queue();
  const low = await queue.add('a', ok, { delay: 50, priority: 9 }), high = await queue.add('a', ok, { delay: 100, priority: 1 });
  const none = await queue.add('a', ok, { delay: 150 });
  await pause(200); // all are due when the worker comes
  await t.worker();
  await t.finished([low, high, none]);
  equal(await t.begun(), ids([none, high, low]));
}

// as many at a time as it may have, and no more
export async function concurrency(t) {
  const queue = t.queue();
  await t.worker({ concurrency: 4 });
  const jobs = await queue.addBulk(Array.from({ length: 16 }, () => ({ name: 'a', data: { op: 'slow', ms: 60 } })));
  await t.finished(jobs);
  let now = 0, most = 0;
  for (const { event } of await t.history()) {
    if (event === 'active') most = Math.max(most, ++now);
    if (event === 'completed') now--;
  }
  equal([now, most], [0, 4]);
}

// a job that is removed before its turn is not done
export async function removed(t) {
  const queue = t.queue();
  const [first, second, third] = await queue.addBulk([1, 2, 3].map(() => ({ name: 'a', data: ok })));
  await second.remove();
  await t.worker();
  await t.finished([first, third]);
  equal(await t.begun(), ids([first, third]));
}

// several queues at one worker, each in its own order
export async function several_queues(t) {
  const names = ['one', 'two', 'three', 'four'], queues = names.map((name) => t.queue(name));
  await t.worker({ queues: Object.fromEntries(names.map((name) => [name, 'noop'])) });
  const jobs = await Promise.all(queues.map((queue) => queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'a', data: ok })))));
  for (const [i, name] of names.entries()) {
    await t.finished(jobs[i]);
    equal(await t.begun(name), ids(jobs[i]));
  }
}

// a worker that has nothing to do takes what comes at once
export async function waked(t) {
  const queue = t.queue(), events = await t.events();
  await t.worker();
  await t.finished(await queue.add('first', ok));
  const waits = [];
  for (let i = 0; i < 10; i++) {
    const begin = performance.now();
    await (await queue.add('a', ok)).waitUntilFinished(events);
    waits.push(performance.now() - begin);
    await pause(20);
  }
  waits.sort((a, b) => a - b);
  between(waits[5], 0, 1000, 'the median of ms from add to end');
  await until(async () => (await queue.getJobCounts()).completed === 11, 'all to be counted');
}
