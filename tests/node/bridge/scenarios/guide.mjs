// The guide's own flow: a program of its own writes the document's row by SQL and adds the job for the first stage itself. A database, a
// bucket, a broker with hosts and a gateway are there (bridge.py), for both majors together.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { contains, equal, until } from '../rig.mjs';

const system = JSON.parse(process.env.BRIDGE_TEST_SYSTEM ?? '{}'); // { environment of the bridge, database, gateway, s3Key, folder, sheet }

function sql(text) {
  return execFileSync('psql', [system.database, '-v', 'ON_ERROR_STOP=1', '-q', '-A', '-t', '-c', text], { encoding: 'utf8' }).trim();
}

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
const insert = (id, tenant) => sql(`INSERT INTO documents (id, filename, file_path, file_type, file_size, status${tenant ? ', tenant' : ''})
  VALUES (${quoted(id)}, 'week.xlsx', 'uploads/week.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 1000, 'uploaded'${tenant ? `, '${tenant}'` : ''})`);
const blocks = (id) => Number(sql(`SELECT COALESCE(sum(jsonb_array_length(timeblocks)), 0) FROM timetables WHERE document_id = ${quoted(id)}`));

async function classification(t) {
  const queue = t.queue('classification');
  await t.worker({ queues: { classification: 'classification:through' }, environment: system.environment });
  return queue;
}

async function completed(t, job) {
  const done = await t.finished(job);
  equal([await done.getState(), done.failedReason], ['completed', undefined]);
  return done.returnvalue;
}

// the row is there, and gets its timetable; the API shows it
export async function row_by_sql(t) {
  const queue = await classification(t), id = randomUUID();
  insert(id);
  const value = await completed(t, await queue.add('classify', { documentId: id, s3Key: system.s3Key }));
  equal(value.documentId, id);
  const [status, name] = sql(`SELECT status, filename FROM documents WHERE id = '${id}'`).split('|');
  equal([['completed', 'needs_review'].includes(status), name, blocks(id) > 10], [true, 'week.xlsx', true], status);
  const answer = await (await fetch(`${system.gateway}/api/v1/documents/${id}/status`)).json();
  equal(answer.status, status);
}

// what is not known yet becomes a document, once, however often it is tried
export async function unknown_document(t) {
  const queue = await classification(t), id = randomUUID();
  const job = await queue.add('classify', { documentId: id, imagePath: system.sheet });
  await completed(t, job);
  await job.retry('completed');
  await until(async () => (await queue.getJob(job.id)).attemptsMade === 2 && job.isCompleted(), 'its second time');
  equal([sql(`SELECT count(*) FROM documents WHERE id = '${id}'`), blocks(id) > 10], ['1', true]);
}

// an id that is no UUID is kept, and mapped to one; the same name is the same document
export async function other_ids(t) {
  const queue = await classification(t), name = `week 47/ü '${t.major}`;
  for (let i = 0; i < 2; i++) equal((await completed(t, await queue.add('classify', { documentId: name, imagePath: system.sheet }))).documentId, name);
  const ids = sql(`SELECT id FROM documents WHERE external_id = ${quoted(name)}`).split('\n');
  equal([ids.length, /^[0-9a-f-]{36}$/.test(ids[0]), blocks(ids[0]) > 10], [1, true, true], ids);
}

// the document of another tenant is not touched, and the job is not tried again
export async function another_tenant(t) {
  const queue = await classification(t), id = randomUUID();
  sql("INSERT INTO tenants (id, name) VALUES ('south', 'south') ON CONFLICT DO NOTHING");
  insert(id, 'south');
  const done = await t.finished(await queue.add('classify', { documentId: id, imagePath: system.sheet }, { attempts: 3, backoff: 10 }));
  equal([await done.getState(), done.attemptsMade], ['failed', 1], done.failedReason);
  contains(done.failedReason, 'tenant');
  equal([sql(`SELECT status FROM documents WHERE id = '${id}'`), blocks(id)], ['uploaded', 0]);
}

// a document that cannot be read: its row says so, in the words of the job
export async function unreadable(t) {
  const queue = await classification(t), id = randomUUID(), file = `${system.folder}/damaged-${t.major}.pdf`;
  writeFileSync(file, `%PDF-1.4\n${'\0garbage'.repeat(40)}`);
  insert(id);
  const done = await t.finished(await queue.add('classify', { documentId: id, imagePath: file }));
  equal(await done.getState(), 'failed');
  const [status, message] = await until(() => { const row = sql(`SELECT status, error_message FROM documents WHERE id = '${id}'`).split('|'); return row[0] !== 'uploaded' && row; }, 'its row to change');
  equal(status, 'failed');
  contains(done.failedReason, message);
}

for (const scenario of [row_by_sql, unknown_document, other_ids, another_tenant, unreadable]) scenario.bridgeAlone = 'Node has none of these stages';
