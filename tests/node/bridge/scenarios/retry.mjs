// what follows a failure
import { between, contains, equal, until } from '../rig.mjs';

// Of each wait of a job: [begin of the attempt that failed, Redis's time of the failure, until when it waits, begin of the next], ms.
async function waits(t, id) {
  const entries = await t.client.xrange('bull:work:events', '-', '+');
  const at = (wanted) => entries.filter(([, fields]) => fields[1] === wanted && fields.includes(id))
    .map(([stamp, fields]) => ({ ms: Number(stamp.split('-')[0]), until: Number(fields[fields.indexOf('delay') + 1]) }));
  const begun = at('active');
  return at('delayed').map(({ ms, until: late }, i) => [begun[i].ms, ms, late, begun[i + 1].ms]);
}

// each wait counts from the failure, by the worker's clock; the next attempt comes when it is over
function near(got, wanted) {
  equal(got.length, wanted.length, got);
  got.forEach(([begun, failed, late, next], i) => {
    between(late - wanted[i], begun - 1, failed + 1, `the begin of wait ${i + 1}, of ${wanted[i]} ms`);
    between(next - late, -1, 10000, 'lateness in ms');
  });
}

const always = { op: 'fail', message: 'no' };

export async function at_once(t) {
  const queue = t.queue();
  await t.worker();
  const done = await t.finished(await queue.add('a', always, { attempts: 3 }));
  equal([await done.getState(), done.attemptsMade, done.stacktrace.length], ['failed', 3, 3]);
  equal((await t.history()).filter(({ event }) => event === 'retries-exhausted').map(({ attemptsMade }) => attemptsMade), ['3']);
}

export async function fixed(t) {
  const queue = t.queue();
  await t.worker();
  const job = await queue.add('a', always, { attempts: 3, backoff: { type: 'fixed', delay: 150 } });
  await until(() => job.isDelayed(), 'it to wait for its second attempt');
  const done = await t.finished(job);
  equal(done.attemptsMade, 3);
  near(await waits(t, job.id), [150, 150]);
  const short = await t.finished(await queue.add('a', always, { attempts: 2, backoff: 120 }));
  near(await waits(t, short.id), [120]);
}

export async function exponential(t) {
  const queue = t.queue();
  await t.worker();
  const job = await queue.add('a', always, { attempts: 4, backoff: { type: 'exponential', delay: 100 } });
  await t.finished(job);
  near(await waits(t, job.id), [100, 200, 400]);
}

// a jitter of one half draws from the upper half of the delay, differently each time
export async function jitter(t) {
  const queue = t.queue();
  await t.worker({ concurrency: 20 });
  const jobs = await queue.addBulk(Array.from({ length: 40 }, () => ({ name: 'a', data: always, opts: { attempts: 2, backoff: { type: 'fixed', delay: 400, jitter: 0.5 } } })));
  await t.finished(jobs);
  const drawn = [];
  for (const job of jobs) {
    const [[begun, failed, late]] = await waits(t, job.id);
    between(late, begun - 1 + 200, failed + 1 + 400, 'until when one waits');
    drawn.push(late - failed);
  }
  between(Math.max(...drawn) - Math.min(...drawn), 60, 400, 'their spread');
}

// a backoff that nobody knows fails the job clearly and leaves it active nowhere
export async function unknown_backoff(t) {
  const queue = t.queue();
  await t.worker();
  const done = await t.finished(await queue.add('a', always, { attempts: 3, backoff: { type: 'fibonacci', delay: 10 } }));
  equal([await done.getState(), await queue.getActiveCount()], ['failed', 0]);
  contains(done.failedReason, 'fibonacci');
  const last = await t.finished(await queue.add('a', always, { attempts: 1, backoff: { type: 'fibonacci' } }));
  equal(last.failedReason, 'no', 'without another attempt nobody asks for its delay');
}
unknown_backoff.bridgeAlone = 'Node throws inside its failure path and leaves the job active';

export async function stack_traces(t) {
  const queue = t.queue();
  await t.worker();
  const lines = async (stackTraceLimit) => (await t.finished(await queue.add('a', always, { attempts: 4, stackTraceLimit }))).stacktrace.length;
  equal([await lines(undefined), await lines(2), await lines(0)], [4, 2, 0]);
}

// by hand, from failed and from completed
export async function by_hand(t) {
  const queue = t.queue();
  await t.worker();
  const job = await t.finished(await queue.add('a', { op: 'failTimes', times: 1 }));
  equal(await job.getState(), 'failed');
  await job.retry('failed');
  const done = await t.finished(job).then(() => until(async () => (await job.isCompleted()) && queue.getJob(job.id), 'it to be completed'));
  equal([done.failedReason ?? null, done.attemptsMade], [null, 2]);
  await done.retry('completed');
  await until(async () => (await queue.getJob(job.id)).attemptsMade === 3 && job.isCompleted(), 'its third time');
}

// those that failed, all at once
export async function all_by_hand(t) {
  const queue = t.queue();
  await t.worker({ concurrency: 5 });
  const jobs = await queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'a', data: { op: 'failTimes', times: 1 } })));
  await t.finished(jobs);
  equal(await queue.getFailedCount(), 20);
  await queue.retryJobs({ state: 'failed' });
  await until(async () => (await queue.getCompletedCount()) === 20, 'all to be completed');
}

// tried again at the front where it was put there, at the back otherwise
export async function turn(t) {
  const queue = t.queue();
  const lifo = await queue.add('a', { op: 'failTimes', times: 1 }, { attempts: 2, lifo: true });
  const other = await queue.add('a', { op: 'ok' });
  await t.worker();
  await t.finished([lifo, other]);
  equal(await t.begun(), [lifo.id, lifo.id, other.id]);
}

// a priority is kept through its retries
export async function with_priority(t) {
  const queue = t.queue();
  const jobs = [];
  for (const [priority, times] of [[5, 0], [1, 1], [3, 0]]) jobs.push(await queue.add('a', { op: 'failTimes', times }, { priority, attempts: 2 }));
  const [low, high, middle] = jobs.map(({ id }) => id);
  await t.worker();
  await t.finished(jobs);
  equal(await t.begun(), [high, high, middle, low]);
}

// data that was changed between two attempts is what the next one has
export async function data_changed(t) {
  const queue = t.queue();
  await t.worker();
  const job = await queue.add('a', always, { attempts: 2, backoff: 300 });
  await until(() => job.isDelayed(), 'its second attempt to wait');
  await job.updateData({ op: 'echo', value: 'changed' });
  const done = await t.finished(job);
  equal([await done.getState(), done.returnvalue], ['completed', 'changed']);
}

// strange numbers of attempts do no harm
export async function strange_attempts(t) {
  const queue = t.queue();
  await t.worker();
  for (const attempts of [0, 1, 1.5]) {
    const done = await t.finished(await queue.add('a', always, { attempts }));
    equal(await done.getState(), 'failed', String(attempts));
    between(done.attemptsMade, 1, 2, `attempts of ${attempts}`);
  }
}
