// rig: the surroundings of one scenario with one major of BullMQ: a Redis of its own, clients, and the worker under test, which is
// the bridge or Node's own Worker. What was opened is closed at the end, and the worker must end in order.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, library, version } from './client.mjs';
import { Redis, start } from './redis.mjs';
import { bridgeEnvironment } from './settings.mjs';

const PATIENCE = 45000; // ms; a loaded machine with sanitizers takes its time

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// waits until condition() gives something true, and gives it back
export async function until(condition, what, ms = PATIENCE) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await pause(5);
  }
}

// says nothing: this machine cannot show it, and why
export class Skip extends Error {}

// how long this process stood still at most since it was asked to watch, in ms: a machine that gives nobody any time shows nothing of locks
export function standstill() {
  let last = performance.now(), most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, performance.now() - last);
    last = performance.now();
  }, 20);
  return () => (clearInterval(timer), most);
}

// compares as JSON does: a key that is undefined is not there
export function equal(got, want, about = '') {
  const plain = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
  assert.deepStrictEqual(plain(got), plain(want), `${about}\n got: ${JSON.stringify(got)}\nwant: ${JSON.stringify(want)}`);
}

export function between(value, least, most, about) {
  assert.ok(value >= least && value <= most, `${about}: ${value} is not from ${least} to ${most}`);
}

export function contains(text, part, about = '') {
  assert.ok(text.includes(part), `${about}\n${JSON.stringify(part)} is not in:\n${text.slice(-3000)}`);
}

// the worker under test as a process
class Tested {
  constructor(process) {
    this.process = process;
    this.out = this.err = '';
    process.stdout.on('data', (bytes) => (this.out += bytes));
    process.stderr.on('data', (bytes) => (this.err += bytes));
    this.ended = new Promise((done) => process.once('close', (code, signal) => done((this.end = signal ?? code))));
  }

  async ready() {
    await until(() => this.out.includes('ready') || this.end !== undefined, 'the worker to be ready');
    assert.ok(this.out.includes('ready'), `the worker ended with ${this.end} before it was ready:\n${this.err}`);
    return this;
  }

  signal(name) {
    this.process.kill(name);
  }

  async kill() {
    this.signal('SIGKILL');
    await this.ended;
  }

  // told to end, it does so in order, and a sanitizer has nothing to say
  async stop(ms = PATIENCE) {
    if (this.end === undefined) this.signal('SIGTERM');
    await until(() => this.end !== undefined, 'the worker to end', ms);
    if (this.end !== 'SIGKILL') equal(this.end, 0, `the worker's end\n${this.err}`);
    for (const word of ['Sanitizer', 'runtime error']) assert.ok(!this.err.includes(word), this.err);
  }
}

export class Rig {
  constructor(major, program, folder) {
    Object.assign(this, { major, program, folder, bullmq: library(major), version: version(major), closers: [], workers: [] });
    mkdirSync(folder, { recursive: true });
    this.isBridge = program !== 'node';
  }

  async open(options) {
    this.redis = await new Redis(this.folder).start(options);
    this.connection = { port: this.redis.port };
    this.client = this.closing(this.redis.client(), (client) => client.disconnect());
    return this;
  }

  closing(thing, close = (it) => it.close()) {
    this.closers.unshift(() => close(thing));
    return thing;
  }

  // options that every client of BullMQ gets
  options(more = {}) {
    const connection = connect(this.connection);
    connection.on('error', () => {}); // what is away comes back, or the scenario fails by itself
    this.closers.push(() => connection.disconnect());
    return { connection, ...(this.prefix && { prefix: this.prefix }), ...more };
  }

  make(type, name, more) {
    const made = new this.bullmq[type](...(name === undefined ? [] : [name]), this.options(more));
    made.on?.('error', () => {});
    return this.closing(made);
  }

  queue(name = 'work', more = {}) {
    return this.make('Queue', name, more);
  }

  async events(name = 'work', more = {}) {
    const events = this.make('QueueEvents', name, more);
    await events.waitUntilReady();
    return events;
  }

  // every event of a queue from its begin: [{ event, jobId, … }]
  async history(name = 'work') {
    const entries = await this.client.xrange(`${this.prefix ?? 'bull'}:${name}:events`, '-', '+');
    return entries.map(([, fields]) => Object.fromEntries(fields.flatMap((field, i) => (i % 2 ? [] : [[field, fields[i + 1]]]))));
  }

  // what the bridge of this name has counted for a queue: { name: number }
  async tally(worker, queue = 'work') {
    const counts = await this.client.hgetall(`${this.prefix ?? 'bull'}:yogi:${queue}:${worker}`);
    return Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, Number(value)]));
  }

  flow() {
    return this.make('FlowProducer');
  }

  // a Worker of Node's beside the one under test
  async peer(name, process, more = {}) {
    const worker = this.closing(new this.bullmq.Worker(name, process, this.options(more)), (it) => it.close(true));
    worker.on('error', () => {});
    await worker.waitUntilReady();
    return worker;
  }

  // settings: queues { name: stage }, concurrency, lockMs, stalledMs, maxStalled, drainSeconds, graceSeconds, name, prefix, limiter
  // { max, duration }, metricsPoints, removeOnComplete, removeOnFail, environment (of the bridge alone)
  launch(settings = {}) {
    const all = { queues: { work: 'noop' }, prefix: this.prefix, connection: this.connection, ...settings };
    const [program, ...args] = this.isBridge
      ? [this.program, '--print-ready']
      : ['node', fileURLToPath(new URL('worker.mjs', import.meta.url)), this.major, JSON.stringify(all)];
    const environment = this.isBridge ? bridgeEnvironment(all) : {};
    const tested = new Tested(start(program, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] }));
    this.workers.push(tested);
    return tested;
  }

  // a broker and a host for these stages beside the bridge: { place, broker, host }
  async actors(stages = ['noop'], environment = {}) {
    const place = `ipc://${this.folder}/broker`;
    return { place, broker: await this.broker(place), host: this.host(place, stages, environment) };
  }

  broker(place) {
    return this.run('yogi-broker', [], { YOGI_BROKER_LISTEN: place }).ready();
  }

  host(place, stages, environment = {}) {
    return this.run('yogi-actor', stages, { YOGI_BROKERS: place, YOGI_WORKERS: '1', ...environment });
  }

  // a program beside the bridge
  run(name, args, environment) {
    const tested = new Tested(start(`${dirname(this.program)}/${name}`, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] }));
    this.workers.push(tested);
    return tested;
  }

  worker(settings) {
    return this.launch(settings).ready();
  }

  // waits until each of these jobs is completed or failed: [job…], read anew
  async finished(jobs, ms) {
    const ended = [];
    for (const job of [jobs].flat()) {
      await until(async () => (await job.isCompleted()) || (await job.isFailed()), `job ${job.id} (${JSON.stringify(job.data).slice(0, 100)}) to end`, ms);
      ended.push(await this.bullmq.Job.fromId(job.queue, job.id));
    }
    return Array.isArray(jobs) ? ended : ended[0];
  }

  // ids in the order in which they were begun, by the events
  async begun(name) {
    return (await this.history(name)).filter(({ event }) => event === 'active').map(({ jobId }) => jobId);
  }

  async close() {
    for (const close of this.closers) await Promise.race([Promise.resolve().then(close).catch(() => {}), pause(2000)]);
    for (const worker of this.workers) worker.process.kill('SIGKILL');
    if (this.redis) await this.redis.kill();
  }
}
