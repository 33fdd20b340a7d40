// The demo's queue as the demo has it: Bull, of either major, as producer and as worker.
//
//     node bull.mjs MAJOR SOCKET add QUEUE JOBS       adds [{name?, data, opts?}, …]; prints their ids
//     node bull.mjs MAJOR SOCKET work QUEUE MS [N]    works, MS for each job, N at once, until it is told to end; prints {event: "ready"}, and
//                                                     for each job {event: "job", id, documentId}; data.fail throws. A lock holds a second
//     node bull.mjs MAJOR SOCKET show QUEUE           prints {counts, waiting, delayed, failed, completed}: ids, the next one first
//     node bull.mjs MAJOR SOCKET pause|resume QUEUE   Bull's own, for all
import { createRequire } from 'node:module';

const [major, socket, what, queue, ...more] = process.argv.slice(2);
const Queue = createRequire(import.meta.url)(`bull-${major}`);
const it = new Queue(queue, { redis: { path: socket }, settings: { lockDuration: 1000, stalledInterval: 1000 } });
const say = value => process.stdout.write(JSON.stringify(value) + '\n');
const rest = ms => new Promise(done => setTimeout(done, ms));
const ids = async kind => (await it.getJobs([kind], 0, -1, true)).filter(Boolean).map(job => job.id);

it.on('error', () => {});
switch (what) {
  case 'add': {
    const added = [];
    for (const job of JSON.parse(more[0])) added.push((await it.add(job.name ?? '__default__', job.data, job.opts ?? {})).id);
    say(added);
    break;
  }
  case 'work': {
    const work = async job => {
      say({ event: 'job', id: job.id, documentId: job.data.documentId });
      await rest(Number(more[0]));
      if (job.data.fail) throw new Error('on purpose');
    };
    it.process('*', Number(more[1] ?? 1), work);
    await it.isReady();
    say({ event: 'ready' });
    await new Promise(() => {});
    break;
  }
  case 'show': {
    const [counts, waiting, delayed, failed, completed] = [await it.getJobCounts(), ...await Promise.all(['wait', 'delayed', 'failed', 'completed'].map(ids))];
    say({ counts, waiting, delayed, failed, completed });
    break;
  }
  default:
    await it[what]();
}
await it.close();
