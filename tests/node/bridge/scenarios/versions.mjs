// the scripts of which major a queue is served by
import { library, version } from '../client.mjs';
import { contains, equal, pause, until } from '../rig.mjs';

const ok = { op: 'ok' };

// While a queue is paused, 5.x keeps its ids in another list than 6.x, and resume of 5.x forgets those that are in the wrong one: so what
// is tried again meanwhile must go where this queue's major looks for it.
export async function while_paused(t) {
  const queue = t.queue();
  await t.worker({ concurrency: 2 });
  const jobs = [await queue.add('a', { op: 'slow', ms: 1500 }), await queue.add('a', { op: 'echo', value: 1 }, { delay: 3600000 })];
  const flaky = await queue.add('a', { op: 'failTimes', times: 1 }, { attempts: 2, backoff: 600 });
  await until(async () => (await flaky.isDelayed()) && (await jobs[0].isActive()), 'a retry to come');
  await queue.pause();
  await jobs[1].promote();
  await until(async () => (await queue.getActiveCount()) === 0, 'what ran to end');
  await pause(600);
  await queue.resume();
  for (const done of await t.finished([...jobs, flaky])) equal(await done.getState(), 'completed');
}

// an attempt that fails while the queue is paused is put where resume finds it
export async function retried_while_paused(t) {
  const queue = t.queue();
  const list = t.major === 5 ? 'paused' : 'wait';
  await t.worker();
  // fails slowly: a flow's parent whose child is away cannot be completed, and is tried again
  const job = await queue.add('a', { op: 'slow', ms: 1500 }, { attempts: 3 });
  await until(() => job.isActive(), 'it to run');
  await queue.pause();
  await t.client.hset('bull:small:1', 'name', 'child');
  await t.client.sadd(`bull:work:${job.id}:dependencies`, 'bull:small:1');
  await until(async () => (await t.client.llen(`bull:work:${list}`)) === 1, `it to be in ${list}`);
  equal(await t.client.lrange(`bull:work:${list}`, 0, -1), [job.id]);
  await t.client.del(`bull:work:${job.id}:dependencies`);
  await queue.resume();
  equal(await (await t.finished(job)).getState(), 'completed');
}

// queues of both majors at one worker; the other one's is made by the other major
export async function side_by_side(t) {
  const { Queue } = library(t.major === 5 ? 6 : 5), other = new Queue('theirs', t.options());
  t.closing(other);
  const ours = t.queue();
  await t.worker({ queues: { work: 'noop', theirs: 'noop' }, concurrency: 2 });
  for (const queue of [ours, other]) {
    const job = await queue.add('a', { op: 'failTimes', times: 1 }, { attempts: 2, backoff: 50 });
    await until(() => job.isDelayed(), 'its retry to wait');
    await queue.pause();
    await pause(100);
    await queue.resume();
    await until(() => job.isCompleted(), 'it to be completed');
  }
}
side_by_side.bridgeAlone = 'a Worker of Node has one major for all its queues';

// a queue that says no version, as other languages make them
export async function unsaid(t) {
  const queue = t.queue('work', { skipMetasUpdate: true });
  const job = await queue.add('a', { op: 'echo', value: 1 });
  equal(await t.client.hget('bull:work:meta', 'version'), null);
  await t.worker();
  equal((await t.finished(job)).returnvalue, 1);
}

// the queue says another major than before: the worker follows it before long
export async function changed(t) {
  const queue = t.queue();
  const worker = await t.worker({ drainSeconds: 1 });
  await t.finished(await queue.add('a', ok));
  await t.client.hset('bull:work:meta', 'version', `bullmq:${version(t.major === 5 ? 6 : 5)}`);
  await until(() => /version|major/.test(worker.err), 'a line that says so');
  await t.finished(await queue.add('a', ok));
}
changed.bridgeAlone = 'a Worker of Node has one major';

// the queue says none any more, as after obliterate: it is served as before
export async function forgotten(t) {
  const queue = t.queue();
  const worker = await t.worker({ drainSeconds: 1 });
  await t.finished(await queue.add('a', ok));
  await until(() => worker.err.includes(version(t.major)), 'its version to be known');
  const said = () => worker.err.split('version_changed').length, before = said();
  await t.client.hdel('bull:work:meta', 'version');
  await t.client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await until(() => worker.err.includes('redis.back'), 'it to look again');
  for (let i = 0; i < 4; i++) await t.finished(await queue.add('a', ok));
  equal(said(), before);
}
forgotten.bridgeAlone = 'a Worker of Node has one major';

// a queue of BullMQ 4 is refused with a line, and none of its jobs is touched
export async function too_old(t) {
  const queue = t.queue('young');
  await t.client.hset('bull:work:meta', 'version', 'bullmq:4.18.3');
  await t.client.hset('bull:work:1', 'name', 'old', 'data', '{"op":"ok"}', 'opts', '{"attempts":1}', 'timestamp', '1');
  await t.client.lpush('bull:work:wait', '1');
  await t.client.lpush('bull:work:wait', '0:0');
  const worker = t.launch({ queues: { work: 'noop', young: 'noop' } });
  await t.finished(await queue.add('a', ok));
  await until(() => worker.err.includes('4.18.3'), 'a line about it');
  contains(worker.err, 'work');
  equal([await t.client.lrange('bull:work:wait', 0, -1), await t.client.hget('bull:work:1', 'ats')], [['0:0', '1'], null]);
}
too_old.bridgeAlone = 'Node takes what it finds';
