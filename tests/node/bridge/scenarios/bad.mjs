// what should not be in a queue, and is: a clear failure, nothing lost, no crash, and the good jobs are done
import { between, contains, equal, pause, until } from '../rig.mjs';

const ok = { op: 'ok' };

// a job as whoever writes to Redis by hand leaves it
async function raw(t, id, fields) {
  if (Object.keys(fields).length) await t.client.hset(`bull:work:${id}`, fields);
  await t.client.lpush('bull:work:wait', id);
  await t.client.zadd('bull:work:marker', 0, '0');
}
const whole = { name: 'raw', data: '{"op":"echo","value":7}', opts: '{"attempts":3}', timestamp: '1700000000000', delay: '0', priority: '0' };
const field = (t, id, name) => t.client.hget(`bull:work:${id}`, name);
const failed = (t, id) => until(async () => (await t.client.zscore('bull:work:failed', id)) !== null, `job ${id} to fail`);

// nobody asks Redis again and again
async function calm(t) {
  const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await t.client.info('stats'))[1]);
  const before = await commands();
  await pause(1000);
  between((await commands()) - before, 0, 300, 'commands of Redis in a second');
}

async function still_works(t, queue, worker) {
  equal(await (await t.finished(await queue.add('good', ok))).getState(), 'completed');
  equal([await queue.getActiveCount(), worker.end], [0, undefined]);
}

export async function raw_job(t) {
  const queue = t.queue();
  const worker = await t.worker();
  await raw(t, 'raw', whole);
  await until(async () => (await t.client.zscore('bull:work:completed', 'raw')) !== null, 'it to be completed');
  equal(await field(t, 'raw', 'returnvalue'), '7');
  await still_works(t, queue, worker);
}

export async function not_json(t) {
  const queue = t.queue();
  const worker = await t.worker();
  const texts = ['hello', '{"op":"ok"', '{op:ok}', '', '{"op":"ok"} trailing', '\u0000', '[1,2', `${'['.repeat(20000)}`, 'NaN'];
  for (const [i, data] of texts.entries()) {
    await raw(t, `text${i}`, { ...whole, data });
    await failed(t, `text${i}`);
    contains(await field(t, `text${i}`, 'failedReason'), 'JSON', data.slice(0, 20));
    equal(await field(t, `text${i}`, 'atm'), '1', 'it is not tried again');
  }
  const bytes = Buffer.concat([Buffer.from('{"op":"echo","value":"'), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}')]);
  await raw(t, 'bytes', { ...whole, data: bytes });
  await failed(t, 'bytes');
  await still_works(t, queue, worker);
}
not_json.bridgeAlone = 'a Worker of Node throws in its fetch and leaves the job active';

// JSON, but no object
export async function no_object(t) {
  const queue = t.queue();
  const worker = await t.worker();
  for (const [i, data] of ['null', '7', '"text"', '[]', 'true', '{}'].entries()) {
    await raw(t, `value${i}`, { ...whole, data });
    await failed(t, `value${i}`);
    equal(await field(t, `value${i}`, 'atm'), '1', data);
  }
  await still_works(t, queue, worker);
}
no_object.bridgeAlone = 'the processor decides';

// fields that are missing or strange: the job is done where it can be, else fails; nothing hangs
export async function strange_fields(t) {
  const queue = t.queue();
  const worker = await t.worker();
  const { opts, name, timestamp, data, ...few } = whole;
  const strange = { 'no opts': { name, timestamp, data }, 'opts no JSON': { ...whole, opts: 'x{' }, 'opts a list': { ...whole, opts: '[]' }, 'opts null': { ...whole, opts: 'null' },
    'attempts a text': { ...whole, opts: '{"attempts":"many"}' }, 'attempts negative': { ...whole, opts: '{"attempts":-1}' },
    'attempts endless': { ...whole, opts: '{"attempts":1e400}' }, 'no name': { data, opts, timestamp }, 'no data': { name, opts, timestamp }, 'only numbers': few,
    'priority a text': { ...whole, priority: 'high', delay: 'soon' },
    'removeOnComplete strange': { ...whole, opts: '{"removeOnComplete":"yes","removeOnFail":[1]}' }, 'keepLogs strange': { ...whole, opts: '{"kl":"all","stackTraceLimit":"x"}' },
    'backoff strange': { ...whole, data: '{"op":"fail"}', opts: '{"attempts":2,"backoff":"x"}' }, 'backoff a list': { ...whole, data: '{"op":"fail"}', opts: '{"attempts":2,"backoff":[]}' },
    'delay negative': { ...whole, data: '{"op":"fail"}', opts: '{"attempts":2,"backoff":{"type":"fixed","delay":-5}}' },
    'jitter wild': { ...whole, data: '{"op":"fail"}', opts: '{"attempts":2,"backoff":{"type":"exponential","delay":1,"jitter":99}}' } };
  for (const [id, fields] of Object.entries(strange)) {
    await raw(t, id, fields);
    await until(async () => (await t.client.zscore('bull:work:failed', id)) !== null || (await t.client.zscore('bull:work:completed', id)) !== null
      || !(await t.client.exists(`bull:work:${id}`)), `the job with ${id} to end`, 20000);
  }
  await still_works(t, queue, worker);
}
strange_fields.bridgeAlone = 'a Worker of Node leaves several of them active';

// counters that are texts, at which BullMQ's own scripts stumble: the others' jobs are done, and nobody spins
export async function poisoned(t) {
  const queue = t.queue();
  const worker = await t.worker({ stalledMs: 3000, lockMs: 1000 });
  for (const counter of ['atm', 'ats', 'stc']) await raw(t, `bad ${counter}`, { ...whole, [counter]: 'many' });
  for (let i = 0; i < 3; i++) equal(await (await t.finished(await queue.add('good', ok))).getState(), 'completed');
  await calm(t);
  equal(worker.end, undefined);
}
poisoned.bridgeAlone = 'a Worker of Node stops at it';

// an id without a job, and one whose key is something else
export async function no_hash(t) {
  const queue = t.queue();
  const worker = await t.worker({ stalledMs: 300, lockMs: 300 });
  await raw(t, 'nothing', {});
  await t.client.rpush('bull:work:list', 'x');
  await raw(t, 'list', {});
  for (let i = 0; i < 3; i++) equal(await (await t.finished(await queue.add('good', ok))).getState(), 'completed');
  await calm(t);
  equal(worker.end, undefined);
}
no_hash.bridgeAlone = 'a Worker of Node stops at it';

// ids longer than anybody's
export async function long_id(t) {
  const queue = t.queue();
  const worker = await t.worker();
  for (const size of [500, 1900]) equal(await (await t.finished(await queue.add('a', ok, { jobId: 'x'.repeat(size) }))).getState(), 'completed');
  await queue.add('a', ok, { jobId: 'y'.repeat(100000) });
  for (let i = 0; i < 3; i++) await t.finished(await queue.add('good', ok));
  await calm(t);
  equal(worker.end, undefined);
}

// five megabytes there and back
export async function large(t) {
  const queue = t.queue(), events = await t.events();
  await t.worker({ concurrency: 2 });
  const value = { text: 'Grüße\n'.repeat(400000), list: Array.from({ length: 200000 }, (_, i) => i) };
  const jobs = await Promise.all([1, 2, 3].map(() => queue.add('large', { op: 'echo', value })));
  for (const job of jobs) {
    const got = await job.waitUntilFinished(events);
    equal([got.text === value.text, got.list.length, got.list[199999]], [true, 200000, 199999]);
  }
}

// a text of two megabytes as the reason
export async function large_reason(t) {
  const queue = t.queue();
  const worker = await t.worker();
  const done = await t.finished(await queue.add('a', { op: 'fail', message: 'x'.repeat(2000000) }));
  contains(done.failedReason, 'xxxx');
  await still_works(t, queue, worker);
}

// a key of the queue is something else: a line that says so, no spin, and all is well when it has gone
export async function script_error(t) {
  const queue = t.queue();
  const worker = await t.worker({ drainSeconds: 1 });
  await t.finished(await queue.add('a', ok));
  await t.client.rename('bull:work:completed', 'kept');
  await t.client.set('bull:work:completed', 'a text');
  const job = await queue.add('a', ok).catch(() => undefined);
  await until(() => worker.err.includes('WRONGTYPE'), 'a line about it');
  const lines = worker.err.split('\n').length;
  await pause(1000);
  const more = worker.err.split('\n').length - lines;
  if (more > 20) throw new Error(`${more} lines in a second`);
  await t.client.rename('kept', 'bull:work:completed');
  await still_works(t, queue, worker).catch(async (error) => { throw new Error(`${error.message} ${JSON.stringify(await queue.getJobCounts())} ${job?.id}`); });
}
script_error.bridgeAlone = 'a Worker of Node leaves the job active';

// Redis has no room left: what runs is not lost, and goes on when there is room again
export async function no_room(t) {
  const queue = t.queue();
  const worker = await t.worker({ drainSeconds: 1, lockMs: 1000, stalledMs: 500 });
  const jobs = await queue.addBulk(Array.from({ length: 5 }, () => ({ name: 'a', data: { op: 'slow', ms: 200 } })));
  await until(async () => (await t.begun()).length, 'one to run');
  await t.client.config('SET', 'maxmemory', '1');
  await pause(1500);
  await t.client.config('SET', 'maxmemory', '0');
  for (const done of await t.finished(jobs)) equal(await done.getState(), 'completed');
  await still_works(t, queue, worker);
}
