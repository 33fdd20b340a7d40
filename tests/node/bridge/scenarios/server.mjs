// the kinds of Redis, and what may be wrong with one
import { execFileSync } from 'node:child_process';
import { contains, equal, pause, until } from '../rig.mjs';
import { Redis, freePort } from '../redis.mjs';

const RIGHTS = '~bull:* &* +@all -@dangerous -@admin +client|setname +info';

async function works(t, queue) {
  const job = await queue.add('a', { op: 'failTimes', times: 1 }, { attempts: 2, backoff: 20 });
  equal(await (await t.finished(job)).getState(), 'completed');
}

// few lines, though the trouble stays
async function calm(worker, part) {
  await until(() => worker.err.includes(part), `a line with ${part}; it says:\n${worker.err}`, 30000);
  const lines = worker.err.split('\n').length;
  await pause(1500);
  const more = worker.err.split('\n').length - lines;
  if (more > 20) throw new Error(`${more} lines in 1.5 s:\n${worker.err}`);
  equal(worker.end, undefined, 'it goes on trying');
}

// a user with no more rights than the bridge's page says
export async function user(t) {
  const queue = t.queue();
  await t.worker({ connection: { ...t.connection, username: 'worker', password: 'secret' } });
  await works(t, queue);
  equal(await queue.getWorkersCount(), 1);
}
user.redis = { user: `worker on >secret ${RIGHTS}` };

// wrong at first: a clear line, which has not the password, and all is well when the server knows it
export async function wrong_password(t) {
  const worker = t.launch({ connection: { ...t.connection, username: 'worker', password: 'mistyped-secret' } });
  await calm(worker, 'password');
  equal([worker.out, worker.err.includes('mistyped-secret')], ['', false]);
  await t.client.acl('SETUSER', 'worker', '>mistyped-secret');
  await worker.ready();
  await works(t, t.queue());
}
wrong_password.redis = { user: `worker on >secret ${RIGHTS}` };
wrong_password.bridgeAlone = 'its words are the bridge\'s';

export async function no_permission(t) {
  const worker = t.launch({ connection: { ...t.connection, username: 'worker', password: 'secret' } });
  await calm(worker, 'permissions');
  await t.client.acl('SETUSER', 'worker', '+@scripting');
  await worker.ready();
  await works(t, t.queue());
}
no_permission.redis = { user: `worker on >secret ${RIGHTS} -@scripting` };
no_permission.bridgeAlone = 'its words are the bridge\'s';

// by TLS, to a server whose certificate is for its name
async function certificate(t) {
  const file = (name) => `${t.folder}/${name}`;
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-keyout', file('key.pem'),
    '-out', file('cert.pem'), '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
  await t.redis.kill();
  const port = await freePort();
  await t.redis.start({ 'tls-port': port, 'tls-cert-file': file('cert.pem'), 'tls-key-file': file('key.pem'), 'tls-ca-cert-file': file('cert.pem'), 'tls-auth-clients': 'no' });
  return { port, authority: file('cert.pem') };
}

export async function tls(t) {
  const connection = await certificate(t);
  await t.worker({ connection });
  t.connection = connection;
  const queue = t.queue();
  await works(t, queue);
  const job = await queue.add('large', { op: 'echo', value: 'x'.repeat(1000000) });
  equal((await t.finished(job)).returnvalue.length, 1000000);
}

// a certificate that nobody vouches for is refused
export async function tls_unknown(t) {
  const { port } = await certificate(t);
  const worker = t.launch({ connection: { port }, environment: { REDIS_TLS: 'on' } });
  await calm(worker, 'certificate');
  equal(worker.out, '');
}
tls_unknown.bridgeAlone = 'its words are the bridge\'s';

// plain text to a port of TLS, and TLS to a plain one
export async function tls_mistaken(t) {
  const { port } = await certificate(t);
  const plain = t.launch({ connection: { port } }), secret = t.launch({ connection: t.connection, environment: { REDIS_TLS: 'on' } });
  await Promise.all([calm(plain, String(port)), calm(secret, String(t.redis.port))]);
  equal([plain.out, secret.out], ['', '']);
}
tls_mistaken.bridgeAlone = 'its words are the bridge\'s';

// a master, its replica, and a sentinel that knows both; all clients ask the sentinel
async function watched(t) {
  const replica = t.closing(await new Redis(t.folder, 'replica').start({ replicaof: `127.0.0.1 ${t.redis.port}` }), (it) => it.kill());
  const copy = t.closing(replica.client(), (it) => it.disconnect());
  await until(async () => (await copy.info('replication')).includes('master_link_status:up'), 'the replica');
  const watch = new Redis(t.folder, 'none');
  watch.port = await t.redis.sentinel();
  const asked = t.closing(watch.client(), (it) => it.disconnect());
  await until(async () => (await asked.call('SENTINEL', 'replicas', 'yogi')).length === 1, 'the sentinel to know the replica');
  t.connection = { sentinels: [watch.port], name: 'yogi' };
  const queue = t.queue();
  await t.worker({ drainSeconds: 1 });
  await works(t, queue);
  const moved = () => until(async () => (await copy.info('replication')).includes('role:master'), 'the failover');
  return { queue, asked, moved };
}

// the master dies, and the sentinel says where the new one is
export async function sentinel(t) {
  const { queue, moved } = await watched(t);
  await t.redis.kill();
  await moved();
  await works(t, queue);
}

// the master becomes a replica: nobody cuts the connections, but it takes no writes any more
export async function sentinel_switch(t) {
  const { queue, asked, moved } = await watched(t);
  await asked.call('SENTINEL', 'FAILOVER', 'yogi');
  await moved();
  await works(t, queue);
}

// three nodes; the slot of the queue moves from one to another under load
export async function cluster(t) {
  const nodes = await Promise.all([1, 2, 3].map((i) => new Redis(t.folder, `node${i}`).start({ 'cluster-enabled': 'yes', 'cluster-node-timeout': 2000 })));
  nodes.forEach((node) => t.closing(node, (it) => it.kill()));
  const ports = nodes.map(({ port }) => port), clients = nodes.map((node) => t.closing(node.client(), (it) => it.disconnect()));
  execFileSync('redis-cli', ['--cluster', 'create', ...ports.map((port) => `127.0.0.1:${port}`), '--cluster-yes'], { stdio: 'ignore' });
  await until(async () => (await Promise.all(clients.map((one) => one.cluster('INFO')))).every((text) => text.includes('cluster_state:ok')), 'the cluster');
  t.connection = { cluster: ports };
  t.prefix = '{bull}';
  const queue = t.queue();
  await t.worker({ drainSeconds: 1, concurrency: 3 });
  await works(t, queue);
  const slot = await clients[0].cluster('KEYSLOT', '{bull}'), ids = await Promise.all(clients.map((one) => one.cluster('MYID')));
  const keys = await Promise.all(clients.map((one) => one.cluster('COUNTKEYSINSLOT', slot)));
  const from = keys.findIndex((count) => count > 0), to = (from + 1) % 3;
  const jobs = await queue.addBulk(Array.from({ length: 60 }, () => ({ name: 'a', data: { op: 'slow', ms: 20 } })));
  await clients[to].cluster('SETSLOT', slot, 'IMPORTING', ids[from]);
  await clients[from].cluster('SETSLOT', slot, 'MIGRATING', ids[to]);
  for (let some; (some = await clients[from].cluster('GETKEYSINSLOT', slot, 100)).length; )
    await clients[from].call('MIGRATE', '127.0.0.1', ports[to], '', 0, 5000, 'KEYS', ...some);
  for (const one of [to, from, (from + 2) % 3]) await clients[one].cluster('SETSLOT', slot, 'NODE', ids[to]);
  for (const done of await t.finished(jobs)) equal(await done.getState(), 'completed');
  await works(t, queue);
}
cluster.redis = null;

// a server that may forget keys when it is full: a warning, or a refusal where that is wished
export async function eviction(t) {
  const worker = await t.worker();
  await works(t, t.queue());
  contains(worker.err, 'noeviction');
  const strict = t.launch({ environment: { YOGI_BULLMQ_EVICTION: 'refuse' } });
  await until(() => strict.err.includes('noeviction'), 'a line about it');
  await until(() => strict.end !== undefined, 'its end');
  equal([strict.out, strict.end], ['', 2]);
  t.workers.pop();
}
eviction.redis = { 'maxmemory-policy': 'allkeys-lru' };
eviction.bridgeAlone = 'its words are the bridge\'s';

// where Redis is, as one URL
export async function url(t) {
  t.connection.db = 3;
  await t.worker({ connection: {}, environment: { REDIS_URL: `redis://worker:s%2Fe%40cret@127.0.0.1:${t.redis.port}/3` } });
  await works(t, t.queue());
}
url.redis = { user: `worker on >s/e@cret ${RIGHTS}` };
url.bridgeAlone = 'clients of Node are given a connection';

// by a socket's path
export async function socket(t) {
  await t.worker({ connection: {}, environment: { REDIS_URL: `unix://${t.folder}/redis.sock` } });
  await works(t, t.queue());
  const other = await t.worker({ queues: { other: 'noop' }, connection: {}, environment: { REDIS_HOST: `${t.folder}/redis.sock` } });
  await works(t, t.queue('other'));
  equal(other.end, undefined);
}
socket.redis = (folder) => ({ unixsocket: `${folder}/redis.sock` });
socket.bridgeAlone = 'clients of Node are given a connection';

// settings that cannot be are refused at once, each with a line that names it
export async function wrong_settings(t) {
  const all = { YOGI_BULLMQ_QUEUES: ['', 'ocr', 'ocr=', '=ocr', 'a=noop,a=noop', 'a:b=noop'], YOGI_BULLMQ_CONCURRENCY: ['x', '0', 'work=-1'],
    YOGI_BULLMQ_REMOVE_ON_COMPLETE: ['x', '{', '{"count":"x"}'], REDIS_URL: ['http://x', 'redis://host:port'], YOGI_BULLMQ_LOCK_DURATION: ['0', 'x'] };
  for (const [name, values] of Object.entries(all)) {
    const tried = values.map((value) => [value, t.launch({ environment: { [name]: value } })]);
    for (const [value, worker] of tried) {
      await until(() => worker.end !== undefined, `the end with ${name}="${value}"`);
      equal(worker.end, 2, `${name}="${value}": ${worker.err}`);
      contains(worker.err, name);
    }
    t.workers.length = 0;
  }
}
wrong_settings.bridgeAlone = 'the settings are the bridge\'s';
