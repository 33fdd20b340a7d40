// what others see of a worker and its jobs
import { between, contains, equal, until } from '../rig.mjs';

const ok = { op: 'ok' };

// one for each worker of the queue, with its name, and none when it is gone
export async function get_workers(t) {
  const queue = t.queue(), other = t.queue('other');
  const worker = await t.worker({ name: 'left-hand' });
  const names = async (of) => (await of.getWorkers()).map(({ rawname, name }) => [name, rawname]);
  await until(async () => (await names(queue)).length === 1, 'one worker');
  const [[name, raw]] = await names(queue);
  equal([name, raw], ['work', `bull:${Buffer.from('work').toString('base64')}:w:left-hand`]);
  equal([await queue.getWorkersCount(), await other.getWorkersCount()], [1, 0]);
  await worker.kill();
  await until(async () => (await queue.getWorkersCount()) === 0, 'none');
}

// it is there again after its connections were cut
export async function get_workers_again(t) {
  const queue = t.queue();
  await t.worker({ drainSeconds: 1 });
  await until(async () => (await queue.getWorkersCount()) === 1, 'one worker');
  await t.client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await until(async () => (await queue.getWorkersCount()) === 1, 'one worker again');
  await t.finished(await queue.add('a', ok));
}

export async function processed_by(t) {
  const queue = t.queue();
  await t.worker({ name: 'left-hand' });
  equal((await t.finished(await queue.add('a', ok))).processedBy, 'left-hand');
}

export async function metrics(t) {
  const queue = t.queue();
  await t.worker({ metricsPoints: 60, concurrency: 4 });
  await t.finished(await queue.addBulk([...Array.from({ length: 7 }, () => ok), { op: 'fail' }, { op: 'fail' }].map((data) => ({ name: 'a', data }))));
  // one less is counted than have ended: the first opens the minute
  between((await queue.getMetrics('completed')).meta.count, 6, 7, 'completed');
  between((await queue.getMetrics('failed')).meta.count, 1, 2, 'failed');
}

export async function no_metrics(t) {
  const queue = t.queue();
  await t.worker();
  await t.finished(await queue.add('a', ok));
  equal(await t.client.keys('bull:work:metrics*'), []);
}

// the story of a job in the stream, word by word
export async function story(t) {
  const queue = t.queue();
  await t.worker();
  const job = await queue.add('a', { op: 'failTimes', times: 1, message: 'no' }, { attempts: 2, backoff: 50 });
  await t.finished(job);
  await until(async () => (await t.history()).some(({ event }) => event === 'drained'), 'the queue to be drained');
  const mine = (await t.history()).filter(({ jobId }) => jobId === job.id).map(({ event, prev, delay }) => [event, prev, delay && 'ms']);
  equal(mine, [['added', undefined, undefined], ['waiting', undefined, undefined], ['active', 'waiting', undefined], ['delayed', undefined, 'ms'],
    ['waiting', 'delayed', undefined], ['active', 'waiting', undefined], ['completed', 'active', undefined]]);
}

export async function wait_until_finished(t) {
  const queue = t.queue(), events = await t.events();
  await t.worker({ concurrency: 3 });
  const said = (promise) => promise.then((value) => ({ value }), (error) => ({ error: error.message }));
  const jobs = await queue.addBulk([{ op: 'echo', value: [1] }, { op: 'fail', message: 'torn' }, { op: 'slow', ms: 100 }].map((data) => ({ name: 'a', data })));
  equal((await Promise.all(jobs.map((job) => said(job.waitUntilFinished(events))))).slice(0, 2), [{ value: [1] }, { error: 'torn' }]);
  const slow = await queue.add('a', { op: 'slow', ms: 1500 });
  contains((await said(slow.waitUntilFinished(events, 50))).error, 'timed out');
  await t.finished(slow);
}

// in every state, and by the lists
export async function states(t) {
  const queue = t.queue();
  const add = (data, opts) => queue.add('a', data, opts);
  await t.worker({ concurrency: 1 });
  const [good, bad] = await t.finished([await add(ok), await add({ op: 'fail' })]);
  const running = await add({ op: 'slow', ms: 3000 });
  await until(() => running.isActive(), 'one to run');
  const [waiting, late, urgent] = [await add(ok), await add(ok, { delay: 60000 }), await add(ok, { priority: 3 })];
  const states = await Promise.all([good, bad, running, waiting, late, urgent].map((job) => job.getState()));
  equal(states, ['completed', 'failed', 'active', 'waiting', 'delayed', 'prioritized']);
  const counts = await queue.getJobCounts('completed', 'failed', 'active', 'waiting', 'delayed', 'prioritized');
  equal(Object.values(counts).filter(Boolean), [1, 1, 1, 1, 1, 1]);
  equal((await queue.getJobs(['active'])).map(({ id }) => id), [running.id]);
  await running.moveToDelayed?.(Date.now() + 1, 'nobody').then(() => { throw new Error('a stranger moved it'); }, () => {});
  await t.finished([running, waiting, urgent]);
}

export async function own_prefix(t) {
  t.prefix = 'our-own:{x}:1';
  const queue = t.queue(), events = await t.events();
  await t.worker();
  equal(await (await queue.add('a', { op: 'echo', value: 1 })).waitUntilFinished(events), 1);
  equal((await t.client.keys('*')).every((key) => key.startsWith('our-own:{x}:1:')), true);
}

export async function own_database(t) {
  t.connection.db = 5;
  const queue = t.queue();
  await t.worker();
  await t.finished(await queue.add('a', ok));
  equal(await t.client.dbsize(), 0);
}

export async function odd_names(t) {
  const names = ['Ocr pages/ü.é-1', '日本', '{tagged}', '"quoted"', 'a\\b', 'x'.repeat(200)];
  const queues = names.map((name) => t.queue(name));
  await t.worker({ queues: Object.fromEntries(names.map((name) => [name, 'noop'])), concurrency: 2 });
  for (const [i, queue] of queues.entries()) {
    const job = await queue.add(`name "${names[i]}" \n\t 🦉`, { op: 'echo', value: names[i] });
    const done = await t.finished(job);
    equal([done.returnvalue, done.name], [names[i], `name "${names[i]}" \n\t 🦉`]);
    equal(await queue.getWorkersCount(), 1, names[i]);
  }
}

// what telemetry puts into a job stays there
export async function telemetry(t) {
  const queue = t.queue();
  await t.worker();
  const job = await queue.add('a', { op: 'failTimes', times: 1 }, { attempts: 2, telemetry: { metadata: '{"traceparent":"00-1-2-01"}', omitContext: true } });
  const done = await t.finished(job);
  equal([await done.getState(), done.opts.telemetry], ['completed', { metadata: '{"traceparent":"00-1-2-01"}', omitContext: true }]);
}

// a queue that is thrown away while a job runs: its late result is dropped, and the next job is done
export async function obliterated(t) {
  const queue = t.queue();
  const worker = await t.worker();
  const job = await queue.add('a', { op: 'slow', ms: 1000 });
  await until(() => job.isActive(), 'it to run');
  await queue.obliterate({ force: true });
  equal(await (await t.finished(await t.queue().add('b', ok))).getState(), 'completed');
  equal([await t.client.exists(`bull:work:${job.id}:lock`), worker.end], [0, undefined]);
}

// jobs that are drained away are not done
export async function drained(t) {
  const queue = t.queue();
  await t.worker();
  const running = await queue.add('a', { op: 'slow', ms: 1000 });
  await until(() => running.isActive(), 'one to run');
  await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'a', data: ok })));
  await queue.drain(true);
  await t.finished(running);
  const last = await t.finished(await queue.add('a', ok));
  equal(await t.begun(), [running.id, last.id]);
}
