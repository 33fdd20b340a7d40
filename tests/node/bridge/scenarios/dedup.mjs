// one job for many that are the same
import { equal, until } from '../rig.mjs';

const slow = { op: 'slow', ms: 1000 }, ok = { op: 'ok' };
const count = async (t, wanted) => (await t.history()).filter(({ event }) => event === wanted).length;

// simple: until the first one has ended, whether well or not
export async function simple(t) {
  const queue = t.queue();
  await t.worker({ concurrency: 3 });
  for (const data of [slow, { op: 'fail', message: 'no' }]) {
    const deduplication = { id: 'same' };
    const first = await queue.add('a', data, { deduplication });
    const again = data === slow ? await queue.add('a', data, { deduplication }) : first;
    equal(again.id, first.id);
    await t.finished(first);
    equal(await queue.getDeduplicationJobId('same'), null);
  }
  const next = await queue.add('a', ok, { deduplication: { id: 'same' } });
  await t.finished(next);
  equal([await count(t, 'deduplicated'), (await t.begun()).length], [1, 3]);
}

// throttle: for a time, though the first one has ended long ago
export async function throttle(t) {
  const queue = t.queue();
  await t.worker();
  const opts = { deduplication: { id: 'same', ttl: 1500 } };
  const first = await queue.add('a', ok, opts);
  await t.finished(first);
  equal((await queue.add('a', ok, opts)).id, first.id);
  await until(async () => !(await t.client.exists('bull:work:de:same')), 'its time to be over');
  const next = await queue.add('a', ok, opts);
  await t.finished(next);
  equal((await t.begun()), [first.id, next.id]);
}

// debounce: the last one of a series, once the series is over
export async function debounce(t) {
  const queue = t.queue();
  await t.worker();
  const opts = { deduplication: { id: 'same', ttl: 600, extend: true, replace: true }, delay: 600 };
  let last;
  for (let i = 0; i < 4; i++) last = await queue.add('a', { op: 'echo', value: i }, opts);
  const done = await t.finished(last);
  equal([done.returnvalue, (await t.begun()).length], [3, 1]);
  await queue.add('a', { op: 'echo', value: 9 }, { ...opts, deduplication: { id: 'other', ttl: 10 }, delay: 0 });
  await until(async () => (await t.begun()).length === 2, 'another one');
}

// keepLastIfActive: what comes while one runs is done once after it, with the last one's data
export async function keep_last(t) {
  const queue = t.queue();
  await t.worker({ concurrency: 3 });
  const add = (value, op = 'slow') => queue.add('a', { op, ms: 1000, value }, { deduplication: { id: 'same', keepLastIfActive: true } });
  const first = await add(0);
  await until(() => first.isActive(), 'the first to run');
  for (const value of [1, 2, 3]) await add(value, 'echo');
  await t.finished(first);
  const second = await until(async () => (await queue.getCompleted()).find(({ id }) => id !== first.id), 'the one after it');
  equal([second.returnvalue, (await t.begun()).length], [3, 2]);
}

// an id that is there already is not added again, whatever has become of it
export async function own_ids(t) {
  const queue = t.queue();
  await t.worker();
  const first = await t.finished(await queue.add('a', { op: 'echo', value: 1 }, { jobId: 'mine' }));
  await queue.add('a', { op: 'echo', value: 2 }, { jobId: 'mine' });
  await t.finished(await queue.add('a', ok, { jobId: 'other/ü "x"' }));
  equal([(await queue.getJob('mine')).returnvalue, (await t.begun()).length, await count(t, 'duplicated')], [1, 2, 1]);
  await first.remove();
  await t.finished(await queue.add('a', ok, { jobId: 'mine' }));
}
