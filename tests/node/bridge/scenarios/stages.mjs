// jobs of real stages: documents through a broker and a host. What they return is written down, for the schemas (bridge.py).
import { mkdirSync, writeFileSync } from 'node:fs';
import { between, contains, equal, until } from '../rig.mjs';

const root = process.env.BRIDGE_TEST_ROOT;
const picture = `${root}/tests/fixtures/layouts/asc-like-2.png`, sheet = `${root}/tests/fixtures/layouts/break-bars-3.xlsx`;
const STAGES = ['classification', 'ocr', 'llm', 'validation'];
const QUEUES = { classification: 'classification', whole: 'classification:through', ocr: 'ocr', llm: 'llm', validation: 'validation' };

async function bridge(t, settings = {}) {
  const actors = await t.actors(STAGES, { YOGI_SOURCE_ROOTS: root });
  const { environment, ...others } = settings;
  const worker = await t.worker({ queues: QUEUES, concurrency: 2, ...others,
    environment: { YOGI_BROKERS: actors.place, YOGI_SOURCE_ROOTS: root, YOGI_BULLMQ_STORE: 'never', ...environment } });
  return { ...actors, worker };
}

// the result of a completed job, kept for the schema of its stage
async function result(t, stage, job) {
  const done = await t.finished(job);
  equal([await done.getState(), done.failedReason], ['completed', undefined]);
  mkdirSync(`${t.folder}/results`, { recursive: true });
  writeFileSync(`${t.folder}/results/${stage}.${job.id}.json`, JSON.stringify(done.returnvalue));
  return done.returnvalue;
}

const blocks = ({ timetables }) => timetables.flatMap(({ timeblocks }) => timeblocks);

// from the first stage to the timetable in one job, with progress and a log on the way
export async function whole(t) {
  await bridge(t);
  const queue = t.queue('whole'), events = await t.events('whole'), progress = [];
  events.on('progress', ({ data }) => progress.push(data));
  const job = await queue.add('classify', { documentId: 'week-47', imagePath: picture });
  const value = await result(t, 'classification', job);
  equal([value.documentId, blocks(value).length > 10, ['completed', 'needs_review'].includes(value.status)], ['week-47', true, true]);
  equal((await job.waitUntilFinished(events)).documentId, 'week-47');
  await until(() => progress.length > 1, 'its progress');
  const { logs } = await queue.getJobLogs(job.id);
  for (const stage of STAGES) contains(logs.join('\n'), stage);
}

// each stage in a queue of its own, where a program carries the results from one to the next
export async function step_by_step(t) {
  await bridge(t);
  const document = { documentId: 'week-47', imagePath: sheet };
  const classified = await result(t, 'classification', await t.queue('classification').add('classify', document));
  equal(typeof classified.classification, 'object');
  const ocr = await result(t, 'ocr', await t.queue('ocr').add('read', document));
  between(ocr.confidence, 0.5, 1, 'its confidence');
  equal([ocr.words.length > 20, ocr.text.length > 100, ocr.pages.length], [true, true, 1]);
  const llm = await result(t, 'llm', await t.queue('llm').add('understand', { ...document, classification: classified.classification, ocr }));
  const validation = await result(t, 'validation', await t.queue('validation').add('check', { ...document, ...llm, ocr }));
  const straight = await result(t, 'classification', await t.queue('whole').add('classify', document));
  equal(blocks(validation).map(({ name, start, end }) => [name, start, end]), blocks(straight).map(({ name, start, end }) => [name, start, end]));
}

// what is missing or malformed fails at once, with what it is, and is not tried again
export async function malformed(t) {
  await bridge(t);
  const queue = t.queue('ocr');
  const all = [[{}, 'documentId'], [{ documentId: 'a' }, 's3Key'], [{ documentId: 'a', imagePath: '/etc/hostname' }, 'YOGI_SOURCE_ROOTS'],
    [{ documentId: 'a', imagePath: `${root}/../../etc/hostname` }, 'imagePath'], [{ documentId: 'a', imagePath: `${root}/tests/no-such-file` }, ''],
    [{ documentId: 'a', imagePath: picture, url: 'https://example.org/a' }, 'url'], [{ documentId: 'a', url: 'gopher://example.org/' }, 'url'],
    [{ documentId: 'a', url: 7 }, 'url'], [{ documentId: 'a', s3Key: 'uploads/a.png' }, 'S3_BUCKET'], [{ documentId: {}, imagePath: picture }, 'documentId'],
    [{ documentId: 'a', imagePath: picture, options: { gate: 'high' } }, 'gate'], ['text', '']];
  for (const [data, part] of all) {
    const done = await t.finished(await queue.add('read', data, { attempts: 3 }));
    equal([await done.getState(), done.attemptsMade], ['failed', 1], `${JSON.stringify(data)}: ${done.failedReason}`);
    contains(done.failedReason, part, JSON.stringify(data));
    equal(done.failedReason.length > 10, true);
  }
}

// a document that is none, and one that is no timetable
export async function unreadable(t) {
  const { worker } = await bridge(t);
  const [damaged, letter] = ['damaged.pdf', 'letter.txt'].map((name) => `${t.folder}/${name}`);
  writeFileSync(damaged, `%PDF-1.4\n${'\0garbage'.repeat(40)}`);
  writeFileSync(letter, 'Dear parents, this is no timetable.\n');
  await worker.stop();
  await t.worker({ queues: QUEUES, environment: { YOGI_BROKERS: `ipc://${t.folder}/broker`, YOGI_SOURCE_ROOTS: `${root}:${t.folder}`, YOGI_BULLMQ_STORE: 'never' } });
  for (const imagePath of [damaged, letter]) {
    const done = await t.finished(await t.queue('whole').add('classify', { documentId: 'a', imagePath }, { attempts: 3, backoff: 10 }));
    equal([await done.getState(), done.attemptsMade], ['failed', 1], done.failedReason);
  }
}

// the host dies in the middle: another one does it, the job knows nothing of it
export async function host_killed(t) {
  const { host, place } = await bridge(t);
  const jobs = await t.queue('whole').addBulk([1, 2, 3].map((i) => ({ name: 'classify', data: { documentId: `d${i}`, imagePath: sheet } })));
  await until(() => jobs[0].isActive(), 'one to run');
  await host.kill();
  t.host(place, STAGES, { YOGI_SOURCE_ROOTS: root });
  for (const job of jobs) equal(blocks(await result(t, 'classification', job)).length > 10, true);
}

// the broker dies in the middle and comes again
export async function broker_killed(t) {
  const { broker, host, place } = await bridge(t);
  const jobs = await t.queue('whole').addBulk([1, 2].map((i) => ({ name: 'classify', data: { documentId: `d${i}`, imagePath: sheet } })));
  await until(() => jobs[0].isActive(), 'one to run');
  await broker.kill();
  await t.broker(place);
  for (const job of jobs) equal(blocks(await result(t, 'classification', job)).length > 10, true);
  equal(host.end, undefined);
}

// no broker at all: the bridge says so and keeps the job, which is done when one comes
export async function broker_away(t) {
  const place = `ipc://${t.folder}/broker`;
  await t.worker({ queues: QUEUES, concurrency: 2, lockMs: 1000, stalledMs: 500,
    environment: { YOGI_BROKERS: place, YOGI_SOURCE_ROOTS: root, YOGI_BULLMQ_STORE: 'never' } });
  const job = await t.queue('ocr').add('read', { documentId: 'a', imagePath: sheet });
  await until(() => job.isActive(), 'it to be taken');
  await t.actors(STAGES, { YOGI_SOURCE_ROOTS: root });
  const value = await result(t, 'ocr', job);
  equal([value.words.length > 20, (await t.queue('ocr').getJob(job.id)).stalledCounter ?? 0], [true, 0]);
}

// the bridge is told to end: what its actors do comes to its end first
export async function graceful(t) {
  const { worker } = await bridge(t);
  const queue = t.queue('whole');
  await queue.addBulk([1, 2, 3, 4].map((i) => ({ name: 'classify', data: { documentId: `d${i}`, imagePath: sheet } })));
  await until(async () => (await queue.getActiveCount()) === 2, 'two to run');
  await worker.stop();
  const { completed, waiting, failed, active } = await queue.getJobCounts();
  equal([completed, waiting, failed, active], [2, 2, 0, 0]);
}

for (const scenario of [whole, step_by_step, malformed, unreadable, host_killed, broker_killed, broker_away, graceful]) {
  scenario.bridgeAlone = 'Node has none of these stages';
}
