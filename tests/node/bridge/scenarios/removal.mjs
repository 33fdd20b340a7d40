// what is kept of jobs that ended
import { equal, pause, until } from '../rig.mjs';

const good = { op: 'ok' }, bad = { op: 'fail', message: 'no' };

async function kept(t, data, opts, count, worker = {}) {
  const queue = t.queue();
  await t.worker(worker);
  for (let i = 0; i < count; i++) {
    await queue.add('a', data, opts);
    await until(async () => (await t.begun()).length === i + 1 && (await queue.getActiveCount()) === 0, 'it to end');
  }
  return { queue, ids: (await queue.getJobs([data === good ? 'completed' : 'failed'])).map(({ id }) => Number(id)).sort((a, b) => a - b) };
}

export async function completed_none(t) {
  const { queue, ids } = await kept(t, good, { removeOnComplete: true }, 3);
  equal([ids, await t.client.exists('bull:work:1', 'bull:work:2', 'bull:work:3')], [[], 0]);
  equal(await queue.getFailedCount(), 0);
}

export async function completed_count(t) {
  equal((await kept(t, good, { removeOnComplete: 2 }, 5)).ids, [4, 5]);
}

export async function completed_rule(t) {
  equal((await kept(t, good, { removeOnComplete: { count: 3 }, removeOnFail: true }, 5)).ids, [3, 4, 5]);
}

// older than its age in seconds: removed when the next one ends
export async function completed_age(t) {
  const queue = t.queue();
  await t.worker();
  const first = await t.finished(await queue.add('a', good, { removeOnComplete: { age: 1 } }));
  await until(() => Date.now() > first.finishedOn + 2100, 'its age');
  const second = await t.finished(await queue.add('a', good, { removeOnComplete: { age: 1 } }));
  equal((await queue.getCompleted()).map(({ id }) => id), [second.id]);
}

export async function failed_none(t) {
  const { ids } = await kept(t, bad, { removeOnFail: true, removeOnComplete: 5 }, 3);
  equal([ids, await t.client.exists('bull:work:1', 'bull:work:2', 'bull:work:3')], [[], 0]);
}

export async function failed_count(t) {
  equal((await kept(t, bad, { removeOnFail: 2, attempts: 2 }, 0)).ids, []);
  const queue = t.queue('work');
  for (let i = 0; i < 4; i++) {
    await queue.add('a', bad, { removeOnFail: 2, attempts: 2 });
    await until(async () => (await t.begun()).length === 2 * (i + 1) && (await queue.getActiveCount()) === 0, 'it to fail');
  }
  equal((await queue.getFailed()).map(({ id }) => Number(id)).sort(), [3, 4]);
}

// the worker's own rule is for jobs that bring none
export async function rule_of_worker(t) {
  const worker = { removeOnComplete: { count: 1 }, removeOnFail: { count: 0 } };
  equal((await kept(t, good, {}, 3, worker)).ids, [3]);
  const queue = t.queue();
  await t.finished(await queue.add('a', good, { removeOnComplete: false }));
  equal((await queue.getCompleted()).map(({ id }) => Number(id)).sort(), [3, 4]);
  await queue.add('a', bad);
  await until(async () => (await t.begun()).length === 5 && (await queue.getActiveCount()) === 0, 'it to fail');
  equal(await queue.getFailedCount(), 0);
}

export async function keep_logs(t) {
  const queue = t.queue();
  await t.worker();
  const job = await t.finished(await queue.add('a', { op: 'log', lines: 6 }, { keepLogs: 2 }));
  const { logs, count } = await queue.getJobLogs(job.id);
  equal([logs.length, count], [2, 2]);
  const all = (await queue.getJobLogs((await t.finished(await queue.add('a', { op: 'log', lines: 6 }))).id)).logs;
  equal(logs, all.slice(4), 'the last ones');
}

// the result of a job that is removed at once comes by its event
export async function result_of_removed(t) {
  const queue = t.queue(), events = await t.events();
  await t.worker();
  const seen = new Map();
  events.on('completed', ({ jobId, returnvalue }) => seen.set(jobId, returnvalue));
  events.on('failed', ({ jobId, failedReason }) => seen.set(jobId, failedReason));
  await pause(50); // its first read is under way
  await queue.add('a', { op: 'echo', value: { big: 'x'.repeat(10000) } }, { jobId: 'mine', removeOnComplete: true });
  await queue.add('a', { op: 'fail', message: 'gone' }, { jobId: 'other', removeOnFail: true });
  await until(() => seen.size === 2, 'both events');
  equal([seen.get('mine').big.length, seen.get('other')], [10000, 'gone']);
}

// logs and all else of a removed job go with it
export async function nothing_is_left(t) {
  const queue = t.queue();
  await t.worker();
  await queue.add('a', { op: 'log', lines: 3 }, { removeOnComplete: true });
  await until(async () => (await t.history()).some(({ event }) => event === 'completed') && (await queue.getActiveCount()) === 0, 'it to end');
  const keys = (await t.client.keys('bull:work:*')).filter((key) => !/:(meta|events|id|marker|stalled-check|stalled)$/.test(key));
  equal(keys, []);
}

export async function cleaned(t) {
  const queue = t.queue();
  await t.worker();
  await t.finished(await queue.addBulk([good, good, bad].map((data) => ({ name: 'a', data }))));
  equal((await queue.clean(0, 10, 'completed')).length, 2);
  equal([await queue.getCompletedCount(), await queue.getFailedCount()], [0, 1]);
}
