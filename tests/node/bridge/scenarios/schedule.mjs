// job schedulers: who takes an iteration adds the next
import { createRequire } from 'node:module';
import { between, equal, pause, until } from '../rig.mjs';

const require = createRequire(import.meta.url);
// the library that BullMQ asks
const { CronExpressionParser } = require(require.resolve('cron-parser', { paths: [require.resolve('bullmq-6/package.json')] }));

const echo = (value) => ({ name: 'tick', data: { op: 'echo', value } });
const slots = (jobs) => jobs.map(({ id }) => Number(id.split(':').pop())).sort((a, b) => a - b);

// counted at one moment
const unfinished = async (queue) => {
  const { delayed, waiting, active } = await queue.getJobCounts();
  return delayed + waiting + active;
};

export async function every(t) {
  const queue = t.queue();
  await t.worker();
  await queue.upsertJobScheduler('clock', { every: 250 }, echo('tick'));
  const done = await until(async () => { const jobs = await queue.getCompleted(); return jobs.length >= 5 && jobs; }, 'five iterations');
  const times = slots(done);
  times.slice(1).forEach((time, i) => equal((time - times[i]) % 250, 0, times));
  equal(new Set(times).size, times.length);
  equal(done.every(({ name, returnvalue, repeatJobKey }) => name === 'tick' && returnvalue === 'tick' && repeatJobKey === 'clock'), true);
  for (const job of done) between(job.processedOn - slots([job])[0], -1, 5000, 'lateness in ms');
  const { delayed, waiting } = await queue.getJobCounts();
  equal(delayed + waiting <= 1, true, 'one next one');
}

export async function limit(t) {
  const queue = t.queue();
  await t.worker();
  await queue.upsertJobScheduler('clock', { every: 100, limit: 3 }, echo('tick'));
  await until(async () => (await queue.getCompletedCount()) === 3, 'three iterations');
  await pause(300);
  const { delayed, waiting, active, completed } = await queue.getJobCounts();
  equal([delayed, waiting, active, completed], [0, 0, 0, 3]);
}

export async function each_second(t) {
  const queue = t.queue();
  await t.worker();
  await queue.upsertJobScheduler('cron', { pattern: '* * * * * *' }, echo(1));
  const done = await until(async () => { const jobs = await queue.getCompleted(); return jobs.length >= 2 && jobs; }, 'two iterations');
  slots(done).forEach((time) => equal(time % 1000, 0));
}

// the worker's reading of a pattern in a zone is that of BullMQ's library: each first iteration is promoted, and what follows it compared
export async function patterns(t) {
  const queue = t.queue();
  const all = [['0 3 * * *', 'Europe/Berlin'], ['30 2 * * *', 'America/New_York'], ['*/7 * * * *'], ['0 0 29 2 *', 'UTC'], ['15 10 * * 1-5', 'Asia/Kolkata'],
    ['0 0 1,15 * 1', 'Europe/London'], ['5 4 * JAN-MAR SUN', 'Australia/Lord_Howe'], ['*/20 30 */6 * * *', 'America/Sao_Paulo'], ['0 12 L * *', 'Europe/Paris'],
    ['0 9 * * 1#2', 'UTC'], ['@weekly', 'Pacific/Auckland'], ['0 0 31 * *', 'Africa/Cairo']];
  for (const [i, [pattern, tz]] of all.entries()) await queue.upsertJobScheduler(`s${i}`, { pattern, tz }, echo(i));
  const first = Object.fromEntries((await queue.getDelayed()).map((job) => [job.repeatJobKey, job]));
  await t.worker({ concurrency: 4 });
  for (const [i, [pattern, tz]] of all.entries()) {
    const job = first[`s${i}`], [slot] = slots([job]);
    await job.promote();
    await t.finished(job);
    const next = (await queue.getDelayed()).filter(({ repeatJobKey }) => repeatJobKey === `s${i}`);
    equal(slots(next), [CronExpressionParser.parse(pattern, { currentDate: new Date(slot), tz }).next().getTime()], `${pattern} ${tz} after ${slot}`);
    equal(next[0].opts.delay > 0 && next[0].data, { op: 'echo', value: i });
  }
}

export async function end_date(t) {
  const queue = t.queue();
  await t.worker();
  await queue.upsertJobScheduler('clock', { pattern: '* * * * * *', endDate: Date.now() + 2200 }, echo(1));
  await until(async () => (await queue.getCompletedCount()) >= 1, 'the first');
  await until(async () => (await unfinished(queue)) === 0, 'its end');
  between(await queue.getCompletedCount(), 1, 3, 'iterations');
}

export async function removed(t) {
  const queue = t.queue();
  await t.worker();
  await queue.upsertJobScheduler('clock', { every: 150 }, echo(1));
  await until(async () => (await queue.getCompletedCount()) >= 2, 'some');
  equal(await queue.removeJobScheduler('clock'), true);
  await until(async () => (await unfinished(queue)) === 0, 'rest');
  const count = await queue.getCompletedCount();
  await pause(400);
  equal([await queue.getCompletedCount(), await queue.getDelayedCount(), await queue.getJobSchedulers()], [count, 0, []]);
}

// data and options of the template are every iteration's, those of a changed one the next one's
export async function template(t) {
  const queue = t.queue();
  await t.worker();
  const opts = { attempts: 3, backoff: { type: 'fixed', delay: 20 }, priority: 4, keepLogs: 7 };
  await queue.upsertJobScheduler('clock', { every: 200 }, { ...echo('old'), opts });
  const old = await until(async () => { const jobs = await queue.getCompleted(); return jobs.length >= 3 && jobs; }, 'three iterations');
  for (const job of old) equal([job.opts.attempts, job.opts.backoff, job.opts.keepLogs, job.data.value], [3, { type: 'fixed', delay: 20 }, 7, 'old']);
  await queue.upsertJobScheduler('clock', { every: 200 }, echo('new'));
  await until(async () => (await queue.getCompleted()).filter(({ data }) => data.value === 'new').length >= 2, 'two of the new ones');
}

// an iteration that fails ends no scheduler, and is tried again as its options say
export async function failing(t) {
  const queue = t.queue();
  await t.worker();
  await queue.upsertJobScheduler('clock', { every: 200 }, { name: 'tick', data: { op: 'fail', message: 'no' }, opts: { attempts: 2 } });
  const failed = await until(async () => { const jobs = await queue.getFailed(); return jobs.length >= 3 && jobs; }, 'three failures');
  equal(failed.map(({ attemptsMade }) => attemptsMade), failed.map(() => 2));
  equal(new Set(slots(failed)).size, failed.length);
}

// not before its start, and from there on in its rhythm
export async function start_date(t) {
  const queue = t.queue(), startDate = Date.now() + 700;
  await t.worker();
  await queue.upsertJobScheduler('late', { every: 200, startDate, limit: 3 }, echo(1));
  await queue.upsertJobScheduler('cron', { pattern: '*/1 * * * * *', startDate, limit: 1 }, echo(2));
  const done = await until(async () => { const jobs = await queue.getCompleted(); return jobs.length === 4 && jobs; }, 'all iterations');
  for (const job of done) between(job.processedOn, startDate - 1, startDate + 30000, 'begin of an iteration');
}

// what a dashboard sees of it
export async function listed(t) {
  const queue = t.queue();
  await t.worker();
  await queue.upsertJobScheduler('clock', { every: 200 }, echo(1));
  await until(async () => (await queue.getCompletedCount()) >= 3, 'three iterations');
  const [one] = await queue.getJobSchedulers();
  equal([one.key, one.name, one.every, one.next > Date.now() - 5000], ['clock', 'tick', 200, true]);
  between(one.iterationCount, 3, 100, 'iterations counted');
}

// ids that look like the keys of repeatable jobs of old: they are schedulers all the same
export async function odd_ids(t) {
  const queue = t.queue(), ids = ['a:b:c:d:e', 'school:7:2026:week:30', 'a:b::d:* * * * *'];
  await t.worker();
  for (const id of ids) await queue.upsertJobScheduler(id, { every: 300, limit: 3 }, echo(id));
  await until(async () => (await queue.getCompletedCount()) === 9, 'three iterations of each');
  equal((await queue.getCompleted()).map(({ returnvalue }) => returnvalue).sort(), ids.flatMap((id) => [id, id, id]).sort());
}

// several at once, two workers: no iteration twice
export async function two_workers(t) {
  const queue = t.queue();
  await Promise.all([t.worker({ concurrency: 3 }), t.worker({ concurrency: 3 })]);
  for (const id of ['a', 'b', 'c']) await queue.upsertJobScheduler(id, { every: 150, limit: 5 }, echo(id));
  await until(async () => (await queue.getCompletedCount()) === 15, 'all of them');
  const begun = await t.begun();
  equal([begun.length, new Set(begun).size], [15, 15]);
}
