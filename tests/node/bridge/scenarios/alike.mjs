// Jobs and flows by chance, done by the worker under test and by Node's own, one after the other on the same server: what stands in Redis
// afterwards is the same, field for field and event for event. BRIDGE_TEST_SEEDS says how many draws; a draw that differs is named.
import { processor } from '../ops.mjs';
import { equal, until } from '../rig.mjs';

const SEEDS = Number(process.env.BRIDGE_TEST_SEEDS ?? 2), FIRST = Number(process.env.BRIDGE_TEST_SEED ?? 1);
const NAMES = ['work', 'small'];
const ON_FAILURE = ['failParentOnFailure', 'ignoreDependencyOnFailure', 'removeDependencyOnFailure'];
const ALONE = [...ON_FAILURE, 'continueParentOnFailure']; // with others it depends on who is quicker whether the parent may complete

// draws: numbers below n, members of a list, and options that are there now and then
function chance(seed) {
  let state = seed;
  const below = (n) => Math.floor(((state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff) * n * 0.999999);
  return { below, pick: (list) => list[below(list.length)], maybe: (percent, make) => (below(100) < percent ? make() : {}) };
}

function data({ below, pick }) {
  return pick([
    () => ({ op: 'ok' }), () => ({ op: 'void' }), () => ({ op: 'echo', value: pick([1, 0.1, 'x', null, [1], { a: { b: [] } }]) }),
    () => ({ op: 'fail', message: `m${below(9)}` }), () => ({ op: 'failTimes', times: 1 + below(3) }), () => ({ op: 'unrecoverable', message: 'u' }),
    () => ({ op: 'progress', steps: 1 + below(3) }), () => ({ op: 'log', lines: 1 + below(4) }), () => ({ op: 'slow', ms: below(15) }),
  ])();
}

// siblings: of a child, with itself; 0 = it is none
function options({ below, pick, maybe }, jobId, siblings) {
  return {
    jobId,
    ...maybe(60, () => ({ attempts: below(4) })),
    ...maybe(40, () => ({ backoff: pick([0, 5, { type: 'fixed', delay: 7 }, { type: 'exponential', delay: 3 }]) })),
    ...maybe(30, () => ({ priority: 1 + below(5) })),
    ...maybe(20, () => ({ lifo: true })),
    ...maybe(20, () => ({ delay: below(60) })),
    ...maybe(30, () => ({ removeOnComplete: pick([true, false, { age: 3600 }]) })),
    ...maybe(30, () => ({ removeOnFail: pick([true, false, { age: 3600 }]) })),
    ...maybe(20, () => ({ keepLogs: 1 + below(3) })),
    ...maybe(30, () => ({ stackTraceLimit: below(3) })),
    ...(siblings ? maybe(70, () => ({ [pick(siblings === 1 ? ALONE : ON_FAILURE)]: true })) : {}),
  };
}

// the same for the same seed
async function fill(t, seed) {
  const draw = chance(seed), queue = t.queue('work'), flow = t.flow();
  let count = 0;
  t.queue('small');
  for (let i = 0; i < 40; i++) await queue.add(`n${i}`, data(draw), { ...options(draw, `j${count++}`, 0), ...draw.maybe(15, () => ({ deduplication: { id: `d${i}` } })) });
  const tree = (depth, siblings) => {
    const children = siblings ? depth && draw.below(3) : 1 + draw.below(2);
    return { name: 't', queueName: draw.pick(NAMES), data: data(draw), opts: options(draw, `j${count++}`, siblings),
      children: Array.from({ length: children }, () => tree(depth - 1, children)) };
  };
  for (let i = 0; i < 12; i++) await flow.add(tree(2, 0));
}

// until nothing is left that would run by itself
async function rest(t) {
  let quiet = 0;
  await until(async () => {
    const counts = await Promise.all(NAMES.map((name) => t.queue(name).getJobCounts('active', 'waiting', 'delayed', 'prioritized')));
    quiet = counts.some((one) => Object.values(one).some(Boolean)) ? 0 : quiet + 1;
    return quiet > 20;
  }, 'all to be done');
}

// a job's hash; of traces the first lines, as the others are each program's own
function plain(hash) {
  const traces = hash.stacktrace && JSON.parse(hash.stacktrace).map((trace) => trace.split('\n')[0]);
  return { ...hash, ...(traces && { stacktrace: traces }), opts: hash.opts && JSON.parse(hash.opts) };
}

const readers = {
  hash: async (client, key) => plain(await client.hgetall(key)),
  list: (client, key) => client.lrange(key, 0, -1),
  set: async (client, key) => (await client.smembers(key)).sort(),
  zset: async (client, key) => (await client.zrange(key, 0, -1)).sort(),
  string: (client, key) => client.get(key),
  stream: async (client, key) => { // by job: what jobs do to one another has no order
    const stories = {};
    for (const [, fields] of await client.xrange(key, '-', '+'))
      if (fields[2] === 'jobId') (stories[fields[3]] ??= []).push(fields.join(' '));
    return stories;
  },
};

// all that stands under the prefix but what a worker leaves for itself, with T for times
async function state(t) {
  const found = {};
  for (const key of (await t.client.keys(`${t.prefix}:*`)).sort())
    if (!/:(marker|stalled-check)$|:yogi(-record)?:/.test(key)) found[key] = await readers[await t.client.type(key)](t.client, key);
  return JSON.parse(JSON.stringify(found).replaceAll(`${t.prefix}:`, 'bull:').replace(/\b1[7-9]\d{11}\b/g, 'T').replace(/:T\b/g, ':"T"'));
}

export async function by_chance(t) {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    t.prefix = `tested-${seed}`;
    await fill(t, seed);
    const worker = await t.worker({ name: 'w', queues: { work: 'noop', small: 'noop' } });
    await rest(t);
    const ours = await state(t);
    await worker.stop();
    t.prefix = `theirs-${seed}`;
    await fill(t, seed);
    const peers = await Promise.all(NAMES.map((name) => t.peer(name, processor(t.bullmq), { name: 'w' })));
    await rest(t);
    const theirs = await state(t);
    await Promise.all(peers.map((peer) => peer.close()));
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) equal(ours[key], theirs[key], `${key} with BRIDGE_TEST_SEED=${seed}`);
    equal(Object.keys(ours).length > 40, true, 'there is something to compare');
  }
}
