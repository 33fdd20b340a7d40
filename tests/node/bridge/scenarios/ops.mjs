// what a job on a queue of the stage noop does, and how its end is told to whoever waits
import { contains, equal, until } from '../rig.mjs';

export async function ok(t) {
  const queue = t.queue(), events = await t.events();
  await t.worker();
  const job = await queue.add('any', { op: 'ok' });
  await job.waitUntilFinished(events);
  const done = await queue.getJob(job.id);
  equal(await done.getState(), 'completed');
  equal([done.attemptsMade, done.attemptsStarted, done.failedReason], [1, 1, undefined]);
  contains(String(done.finishedOn - done.processedOn >= 0 && done.processedOn >= done.timestamp), 'true', 'its times');
}

// any JSON comes back as it went, to the waiting program and from the job itself
export async function echo(t) {
  const queue = t.queue(), events = await t.events();
  await t.worker({ concurrency: 5 });
  const values = [1, 0, -1.5, 1e300, 2 ** 53 - 1, 'text', '', 'Grüße 🦉 \u0001 "quoted" \\ /', true, false, null, [], {}, [[], {}, [null]],
    { deep: { er: [{ a: 1 }, { b: [1, 2, { c: '' }] }] }, 'odd key': '\u2028', '': 0 }, 'x'.repeat(100000)];
  for (const value of values) {
    const job = await queue.add('echo', { op: 'echo', value });
    equal(await job.waitUntilFinished(events), value);
    equal((await queue.getJob(job.id)).returnvalue, value);
  }
}

// byte for byte as the producer's JSON has it, and texts that were cut within a character are no reason to fail
export async function echo_bytes(t) {
  const queue = t.queue();
  await t.worker();
  const values = [0.1, 1e21, 5e-324, 12345678901234567890, 'cut \ud83d', ['\udc00', '\ud83d\ud83d\ude00'], { 'a\u0000b': '\u0000' }];
  for (const value of values) {
    const done = await t.finished(await queue.add('echo', { before: { value: 1 }, op: 'echo', value, after: '\ud800' }));
    equal([await done.getState(), await t.client.hget(`bull:work:${done.id}`, 'returnvalue')], ['completed', JSON.stringify(value)], done.failedReason);
  }
}

export async function nothing(t) {
  const queue = t.queue(), events = await t.events();
  await t.worker();
  const job = await queue.add('void', { op: 'void' });
  equal((await job.waitUntilFinished(events)) ?? null, null);
  equal((await t.client.hget(`bull:work:${job.id}`, 'returnvalue')), 'null');
}

export async function slow(t) {
  const queue = t.queue();
  await t.worker();
  const job = await queue.add('slow', { op: 'slow', ms: 300 });
  const done = await t.finished(job);
  if (done.finishedOn - done.processedOn < 290) throw new Error(`it took ${done.finishedOn - done.processedOn} ms`);
}

export async function fail(t) {
  const queue = t.queue(), events = await t.events();
  await t.worker();
  const message = 'no page: "3" of Grüße\n second line';
  const job = await queue.add('fail', { op: 'fail', message });
  const said = await job.waitUntilFinished(events).then(() => 'nothing', (error) => error.message);
  equal(said, message);
  const done = await queue.getJob(job.id);
  equal([done.failedReason, done.attemptsMade, await done.getState()], [message, 1, 'failed']);
  equal(done.stacktrace.length, 1);
  contains(done.stacktrace[0], 'no page');
}

export async function failTimes(t) {
  const queue = t.queue();
  await t.worker();
  const job = await queue.add('flaky', { op: 'failTimes', times: 2 }, { attempts: 5 });
  const done = await t.finished(job);
  equal([await done.getState(), done.attemptsMade, done.attemptsStarted, done.stacktrace.length], ['completed', 3, 3, 2]);
  const short = await t.finished(await queue.add('flaky', { op: 'failTimes', times: 2 }, { attempts: 2 }));
  equal([await short.getState(), short.attemptsMade], ['failed', 2]);
}

export async function unrecoverable(t) {
  const queue = t.queue();
  await t.worker();
  const done = await t.finished(await queue.add('final', { op: 'unrecoverable', message: 'never again' }, { attempts: 5, backoff: 10 }));
  equal([await done.getState(), done.attemptsMade, done.failedReason], ['failed', 1, 'never again']);
  equal(done.stacktrace.map((trace) => trace.split('\n')[0]), ['UnrecoverableError: never again']);
}

// a reason that is empty, and one with a zero in it
export async function odd_reasons(t) {
  const queue = t.queue();
  await t.worker();
  for (const [message, head] of [['', 'Error'], ['a\u0000b', 'Error: a\u0000b']]) {
    const done = await t.finished(await queue.add('fail', { op: 'fail', message }));
    equal([done.failedReason ?? '', done.stacktrace[0].split('\n')[0]], [message, head]);
    equal(done.stacktrace[0].split('\n').length > 1, true, 'and where it failed');
  }
}

export async function progress(t) {
  const queue = t.queue(), events = await t.events();
  const seen = [];
  events.on('progress', ({ jobId, data }) => seen.push([jobId, data]));
  await t.worker();
  const job = await queue.add('progress', { op: 'progress', steps: 4 });
  await job.waitUntilFinished(events);
  await until(() => seen.length >= 4, 'its events');
  equal(seen.map(([id, data]) => [id, data]), [25, 50, 75, 100].map((percent) => [job.id, percent]));
  equal((await queue.getJob(job.id)).progress, 100);
}

export async function log(t) {
  const queue = t.queue();
  await t.worker();
  const done = await t.finished(await queue.add('log', { op: 'log', lines: 5 }));
  const { logs, count } = await queue.getJobLogs(done.id);
  equal([logs.length, count], [5, 5]);
  equal(new Set(logs).size, 5, 'five different lines');
  equal(await queue.getJobLogs(done.id, 1, 2), { logs: logs.slice(1, 3), count: 5 });
}

// progress and lines of the log come before the end, also where a server hears of them for the first time, and of a job that is removed at its end
export async function before_the_end(t) {
  const queue = t.queue();
  await t.worker();
  for (const data of [{ op: 'progress', steps: 3 }, { op: 'log', lines: 3 }])
    for (const [i, opts] of [{}, { removeOnComplete: true }].entries()) {
      await t.client.script('FLUSH');
      await t.finished(await queue.add('a', { op: 'ok' }));
      const job = await queue.add('a', data, { ...opts, jobId: `${data.op}-${i}` });
      await until(async () => (await t.history()).some(({ event, jobId }) => event === 'completed' && jobId === job.id), 'its end');
      const mine = (await t.history()).filter(({ jobId }) => jobId === job.id).map(({ event, data: percent }) => percent ?? event);
      equal(mine, ['added', 'waiting', 'active', ...(data.op === 'progress' ? ['33', '67', '100'] : []), 'completed']);
      equal(await t.client.llen(`bull:work:${job.id}:logs`), data.op === 'log' && i === 0 ? 3 : 0);
    }
}

// where actors do all of it: the same
export async function by_actors(t) {
  const queue = t.queue();
  await t.worker({ concurrency: 5, environment: { YOGI_BROKERS: (await t.actors()).place, YOGI_BULLMQ_NOOP: 'broker' } });
  const run = async (data, opts) => t.finished(await queue.add('a', data, opts));
  equal((await run({ op: 'echo', value: [0.1, 'cut \ud83d'] })).returnvalue, [0.1, 'cut \ud83d']);
  equal((await run({ op: 'progress', steps: 4 })).progress, 100);
  equal((await queue.getJobLogs((await run({ op: 'log', lines: 3 })).id)).logs, ['line 1', 'line 2', 'line 3']);
  equal((await run({ op: 'failTimes', times: 1 }, { attempts: 2 })).attemptsMade, 2);
  const final = await run({ op: 'unrecoverable', message: 'never' }, { attempts: 3 });
  equal([final.failedReason, final.attemptsMade], ['never', 1]);
  equal((await run({ op: 'void' })).returnvalue ?? null, null);
}
by_actors.bridgeAlone = 'Node has no actors';

// what names no op that there is fails at once, with a reason
export async function unknown_op(t) {
  const queue = t.queue();
  await t.worker();
  for (const data of [{ op: 'dance' }, { op: 7 }, {}, { op: null }]) {
    const done = await t.finished(await queue.add('odd', data, { attempts: 3 }));
    equal([await done.getState(), done.attemptsMade], ['failed', 1], JSON.stringify(data));
    contains(done.failedReason, 'op');
  }
  equal(await (await t.finished(await queue.add('good', { op: 'ok' }))).getState(), 'completed');
}

// a job whose actor dies fails in the end and takes nobody along
export async function crash(t) {
  const queue = t.queue();
  const worker = await t.worker({ concurrency: 5, environment: { YOGI_BROKERS: (await t.actors()).place } });
  const bad = await queue.add('crash', { op: 'crash' });
  const good = await queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'good', data: { op: 'slow', ms: 20 } })));
  for (const job of await t.finished(good)) equal(await job.getState(), 'completed');
  const done = await t.finished(bad);
  equal(await done.getState(), 'failed');
  contains(done.failedReason.toLowerCase(), 'crash');
  equal(worker.end, undefined, 'the worker goes on');
}
crash.bridgeAlone = 'a crash ends the whole of Node';

// a job that never ends keeps its lock and its place, and nobody else's
export async function hang(t) {
  const queue = t.queue();
  const { place, host } = await t.actors();
  const worker = await t.worker({ concurrency: 2, lockMs: 1500, stalledMs: 500, graceSeconds: 1, environment: { YOGI_BROKERS: place } });
  const hung = await queue.add('hang', { op: 'hang' });
  await until(() => hung.isActive(), 'it to be active');
  const good = await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'good', data: { op: 'slow', ms: 250 } })));
  for (const job of await t.finished(good)) equal(await job.getState(), 'completed');
  equal([await hung.isActive(), (await queue.getJob(hung.id)).stalledCounter ?? 0], [true, 0]);
  await worker.stop(20000);
  equal(await hung.getState(), 'waiting', 'it is handed back');
  await host.stop(15000); // and called off: nobody works on it any more
}
hang.bridgeAlone = 'Node waits for its jobs for ever';
