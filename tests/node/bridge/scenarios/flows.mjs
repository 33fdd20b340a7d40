// parents and children, across queues and across workers
import { contains, equal, until } from '../rig.mjs';

const echo = (value) => ({ op: 'echo', value });
const child = (data, opts = {}, queueName = 'small', children = []) => ({ name: 'child', queueName, data, opts, children });
const both = { queues: { work: 'noop', small: 'noop' }, concurrency: 3 };

function family(t, children, opts = {}) {
  t.queue('work'), t.queue('small'); // they write the version
  return t.flow().add({ name: 'parent', queueName: 'work', data: echo('parent'), opts, children });
}

export async function parent_waits(t) {
  const { job, children } = await family(t, [child(echo(1)), child(echo({ two: 2 }))]);
  equal(await job.getState(), 'waiting-children');
  await t.worker(both);
  await t.finished(job);
  const values = Object.values(await job.getChildrenValues());
  equal([values.find((v) => v === 1), values.find((v) => v !== 1)], [1, { two: 2 }]);
  for (const { job: one } of children) equal(await one.getState(), 'completed');
  equal(await job.getDependenciesCount(), { processed: 2, unprocessed: 0, ignored: 0, failed: 0 });
}

export async function three_generations(t) {
  const { job } = await family(t, [child(echo('middle'), {}, 'work', [child(echo('small')), child(echo('small'))]), child(echo('lone'))]);
  await t.worker(both);
  const done = await t.finished(job);
  equal([await done.getState(), Object.values(await job.getChildrenValues()).sort()], ['completed', ['lone', 'middle']]);
}

export async function fails_parent(t) {
  const { job } = await family(t, [child({ op: 'fail', message: 'torn' }, { failParentOnFailure: true }), child(echo(1))]);
  await t.worker(both);
  const done = await t.finished(job);
  equal([await done.getState(), (await t.begun('work')).includes(job.id) ? done.returnvalue ?? null : null], ['failed', null]);
  contains(done.failedReason, 'failed');
  contains(done.failedReason, 'bull:small:');
}

export async function fails_grandparent(t) {
  const grandchild = child({ op: 'fail', message: 'torn' }, { failParentOnFailure: true });
  const { job, children } = await family(t, [child(echo('middle'), { failParentOnFailure: true }, 'work', [grandchild])]);
  await t.worker(both);
  equal([await (await t.finished(job)).getState(), await (await t.finished(children[0].job)).getState()], ['failed', 'failed']);
}

export async function ignored_failure(t) {
  const { job } = await family(t, [child({ op: 'fail', message: 'torn' }, { ignoreDependencyOnFailure: true }), child(echo(1))]);
  await t.worker(both);
  equal(await (await t.finished(job)).getState(), 'completed');
  equal([Object.values(await job.getChildrenValues()), Object.values(await job.getIgnoredChildrenFailures())], [[1], ['torn']]);
}

export async function removed_failure(t) {
  const { job } = await family(t, [child({ op: 'fail', message: 'torn' }, { removeDependencyOnFailure: true }), child(echo(1))]);
  await t.worker(both);
  equal(await (await t.finished(job)).getState(), 'completed');
  equal(Object.values(await job.getChildrenValues()), [1]);
}

// the parent goes on as soon as one fails
export async function continued(t) {
  const { job } = await family(t, [child({ op: 'fail', message: 'torn' }, { continueParentOnFailure: true })]);
  await t.worker(both);
  equal(await (await t.finished(job)).getState(), 'completed');
  equal(Object.values(await job.getIgnoredChildrenFailures()), ['torn']);
}

// while a child is still to be done a parent cannot complete: it fails, and says why
export async function unfinished_children(t) {
  const { job, children } = await family(t, [child({ op: 'fail', message: 'torn' }, { continueParentOnFailure: true }),
    child(echo(1), { delay: 3600000 })]);
  await t.worker(both);
  const done = await t.finished(job);
  equal([await done.getState(), await children[1].job.getState()], ['failed', 'delayed']);
  contains(done.failedReason, 'pending dependencies');
}

// without such a wish a parent waits, until its child is tried again by hand
export async function waits_for_retry(t) {
  const { job, children } = await family(t, [child({ op: 'failTimes', times: 1 })]);
  await t.worker(both);
  equal(await (await t.finished(children[0].job)).getState(), 'failed');
  equal(await job.getState(), 'waiting-children');
  await (await t.queue('small').getJob(children[0].job.id)).retry();
  equal(await (await t.finished(job)).getState(), 'completed');
}

export async function parent_with_options(t) {
  const { job } = await family(t, [child(echo(1))], { priority: 3, attempts: 2, delay: 300 });
  const before = Date.now();
  await t.worker(both);
  const done = await t.finished(job);
  equal([await done.getState(), done.processedOn - before >= 0], ['completed', true]);
  await until(async () => (await job.getDependenciesCount()).processed === 1, 'its dependency');
}

// children done by Node, the parent by the worker under test; and the other way round
export async function beside_node(t) {
  t.queue('small');
  await t.worker();
  await t.peer('small', async (job) => ({ from: 'node', got: job.data }));
  const { job } = await family(t, [child({ any: 'thing' })]);
  await t.finished(job);
  equal(Object.values(await job.getChildrenValues()), [{ from: 'node', got: { any: 'thing' } }]);
  t.queue('theirs');
  await t.peer('theirs', async (parent) => Object.values(await parent.getChildrenValues()));
  const other = await t.flow().add({ name: 'parent', queueName: 'theirs', data: {}, children: [child(echo([1, { a: null }]), {}, 'work')] });
  equal((await t.finished(other.job)).returnvalue, [[1, { a: null }]]);
}

// the child's queue has another prefix, and a worker of Node's
export async function other_prefix(t) {
  t.queue('work');
  await t.worker();
  await t.peer('small', async () => 'theirs', { prefix: 'other' });
  const { job } = await t.flow().add({ name: 'parent', queueName: 'work', data: echo('parent'), children: [{ name: 'child', queueName: 'small', prefix: 'other', data: {} }] });
  await t.finished(job);
  equal(await job.getChildrenValues(), { [Object.keys(await job.getChildrenValues())[0]]: 'theirs' });
}

// many at once, children removed as soon as they are done
export async function many(t) {
  const flow = t.flow(), queue = t.queue('work');
  t.queue('small');
  const trees = await flow.addBulk(Array.from({ length: 20 }, (_, i) => ({ name: 'parent', queueName: 'work', data: echo(i),
    children: [1, 2, 3].map((j) => child(echo([i, j]), { removeOnComplete: true })) })));
  await t.worker({ ...both, concurrency: 8 });
  for (const done of await t.finished(trees.map(({ job }) => job))) {
    const values = Object.values(await done.getChildrenValues()).sort((a, b) => a[1] - b[1]);
    equal(values, [1, 2, 3].map((j) => [done.returnvalue, j]));
  }
  equal(await queue.getCompletedCount(), 20);
}
