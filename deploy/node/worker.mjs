// A worker that serves the stage validation for Yogi: what it returns is what the document ends with.
//
//     node worker.mjs
//
// The bridge that gives it the work runs with YOGI_STAGE_VALIDATION=bullmq. To it a job carries the timetables that were
// read: { documentId, timetables, words, pages, options, yogi: { stage, run, attempt } }. Its rules are those of one school:
// a day begins at eight, and a lesson has an end.
import { UnrecoverableError, Worker } from 'bullmq';
import { connection, prefix } from './connection.mjs';

const FIRST = '08:00';

function check(block) {
  if (!block.startTime || !block.endTime) return { rule: 'no-end', severity: 'warning', message: `${block.name || 'a lesson'} has no time` };
  if (block.startTime < FIRST) return { rule: 'early', severity: 'error', message: `${block.name} begins before ${FIRST}` };
  return null;
}

async function validate(job) {
  const { timetables } = job.data;
  // no further attempt helps where there is nothing to look at
  if (!Array.isArray(timetables)) throw new UnrecoverableError('the job carries no timetables');
  const checks = [];
  let sum = 0, count = 0;
  for (const table of timetables)
    for (const block of table.timeblocks) {
      const found = check(block);
      if (found) checks.push({ ...found, blocks: [block.id] });
      block.confidence = found ? 0.5 : 1;
      sum += block.confidence;
      count++;
    }
  await job.updateProgress(100);
  const confidence = count ? sum / count : 0;
  return { timetables, confidence, checks, status: checks.length ? 'needs_review' : 'completed', engine: 'school-rules' };
}

const worker = new Worker('validation', validate, { connection, prefix, concurrency: 10 });
worker.on('error', (error) => console.error(error.message));
worker.on('failed', (job, error) => console.error(`${job?.id}: ${error.message}`));
await worker.waitUntilReady();
console.log('ready');
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => worker.close().then(() => process.exit(0)));
