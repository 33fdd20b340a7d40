// Hands documents in and prints the week of each, as it comes back.
//
//     node producer.mjs FILE...
//
// UPLOADS is a folder that the system may read (it is among YOGI_SOURCE_ROOTS). With a bucket you would upload there and
// give { documentId, s3Key } instead of { documentId, imagePath }.
import { copyFile, mkdir } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { Queue, QueueEvents } from 'bullmq';
import { connection, prefix } from './connection.mjs';

const files = process.argv.slice(2);
const uploads = resolve(process.env.UPLOADS ?? 'uploads');
const SECONDS = 120;

if (files.length === 0) {
  console.error('node producer.mjs FILE...');
  process.exit(2);
}

const queue = new Queue('classification', { connection, prefix });
const events = new QueueEvents('classification', { connection, prefix });
await events.waitUntilReady();

async function read(file) {
  const documentId = randomUUID();
  await mkdir(join(uploads, documentId), { recursive: true });
  const imagePath = join(uploads, documentId, basename(file));
  await copyFile(file, imagePath);
  // our own id, so that the same document handed in twice is read once; listening began before
  const job = await queue.add('read', { documentId, imagePath }, { jobId: documentId, attempts: 3, backoff: { type: 'exponential', delay: 1000 } });
  return job.waitUntilFinished(events, SECONDS * 1000);
}

function show(file, result) {
  console.log(`${file}: ${result.status}, confidence ${result.confidence.toFixed(2)}`);
  for (const table of result.timetables)
    for (const block of table.timeblocks)
      console.log(`  ${block.day.padEnd(10)} ${block.startTime ?? '  ?  '}-${block.endTime ?? '  ?  '}  ${block.name}`);
  for (const check of result.checks) console.log(`  ${check.severity}: ${check.message}`);
}

let failed = 0;
await Promise.all(files.map(async (file) => {
  try {
    show(file, await read(file));
  } catch (error) {
    failed = 1;
    console.error(`${file}: ${error.message}`);
  }
}));
await events.close();
await queue.close();
process.exit(failed);
