// An actor of YOGI/1 in another language, written from proto/PROTOCOL.md alone (the numbers are its sections). It serves
// one stage, in which names of blocks get capital letters, with as many jobs at a time as it has slots.
//
//     node actor.mjs ENDPOINT STAGE SLOTS MILLISECONDS [LOSS]
//
// A job takes so many milliseconds. LOSS, 0 to 1, is the part of all messages, sent and received, that it pretends never
// came through. SIGTERM: what it has ends, then "done N" is printed.
import { randomBytes } from 'node:crypto'
import { decodeMulti, encode } from '@msgpack/msgpack'
import { Dealer } from 'zeromq'

const [endpoint, stage, slots, milliseconds, loss = 0] = process.argv.slice(2).map((word, i) => (i < 2 ? word : Number(word)))

const fields = {
  // 4: number, and fields in their order
  HELLO: [1, 'role', 'instance', 'token', 'window', 'route', 'peer'],
  WELCOME: [2, 'token', 'heartbeat', 'silence', 'window', 'resumed'],
  HEARTBEAT: [3, 'token', 'held', 'digest', 'want', 'listed', 'tokens'],
  GOODBYE: [4, 'text'],
  ACK: [5, 'acked', 'job', 'token'],
  CANCEL: [11, 'job', 'epoch', 'token'],
  REFUSED: [21, 'job', 'epoch', 'reason', 'retry', 'text'],
  CREDIT: [30, 'number', 'stage', 'slots'],
  STARTED: [31, 'job', 'token'],
  DONE: [32, 'job', 'token', 'next', 'last'],
  FAILED: [33, 'job', 'token', 'class', 'fault', 'text'],
  RETURN: [34, 'job', 'token'],
  OFFER: [35, 'job', 'token', 'stage'],
  JOB: [40, 'job', 'token', 'route', 'priority', 'attempt', 'crashes', 'losses', 'attempts', 'remaining', 'trace', 'tenant'],
}
const named = Object.fromEntries(Object.entries(fields).map(([name, [number]]) => [number, name]))
const wide = { useBigInt64: true } // numbers go up to 2^64 - 1
const is_lost = () => Math.random() < loss
const key = (token) => Buffer.from(token).toString('hex')
const incarnation = (token) => Buffer.from(token).readBigUInt64BE(0)
const counter = (token) => Buffer.from(token).readBigUInt64BE(8)

const socket = new Dealer({ linger: 500, immediate: true, sendTimeout: 0 }) // what cannot be sent now is lost
const instance = randomBytes(16)
const jobs = new Map() // by token: { job, token, answer, sent, timer }; one that has no answer yet runs
let session, heartbeat, silence // of the last WELCOME
let up = false // it is in force
let heard = 0, hello_due = 0, beat_due = 0 // ms
let highest // the last token that the broker has given, as far as it is known here
let credits = 0, done = 0, draining = false

// ---- the wire (2) ----

let sending = Promise.resolve() // zeromq takes one frame after another
function send(name, values, body = Buffer.alloc(0)) {
  const envelope = [1, fields[name][0], body.length, ...fields[name].slice(1).map((field) => values[field] ?? null)]
  while (envelope.at(-1) === null) envelope.pop()
  const frame = Buffer.concat([encode(envelope, wide), body])
  if (!is_lost()) sending = sending.then(() => socket.send(frame)).catch(() => {})
}

function* messages(frame) {
  const values = decodeMulti(frame, wide)
  for (let next = values.next(); !next.done; next = values.next()) {
    const [version, command, size, ...rest] = next.value
    const name = version === 1 && named[command]
    const body = size ? values.next().value : undefined // it is msgpack too
    if (name && !is_lost()) yield [name, Object.fromEntries(fields[name].slice(1).map((field, i) => [field, rest[i] ?? null])), body]
  }
}

// ---- sessions, heartbeats, credit (5, 7) ----

const modulo = (x) => BigInt.asUintN(64, x)
function mix(x) {
  x = modulo((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n)
  x = modulo((x ^ (x >> 27n)) * 0x94d049bb133111ebn)
  return x ^ (x >> 31n)
}

function beat(listed) {
  const tokens = [...jobs.values()].map((job) => job.token)
  const digest = tokens.reduce((sum, token) => modulo(sum + mix(modulo(incarnation(token) + mix(counter(token))))), 0n)
  send('HEARTBEAT', { token: highest, held: tokens.length, digest, listed, tokens: listed ? Buffer.concat(tokens) : null })
  send('CREDIT', { number: ++credits, stage, slots: draining ? 0 : slots })
  beat_due = performance.now() + heartbeat
}

function saw(token) {
  if (token && (!highest || incarnation(token) !== incarnation(highest) || counter(token) > counter(highest))) highest = token
}

function answer(job, name, values, body) {
  clearTimeout(job.timer)
  job.answer = [name, { job: job.job, token: job.token, ...values }, body]
  job.sent = performance.now()
  send(...job.answer)
}

function work(job, dossier) {
  for (const timetable of dossier.timetables ?? [])
    for (const block of timetable.timeblocks ?? []) block.name = block.name?.toUpperCase()
  job.timer = setTimeout(() => answer(job, 'DONE', {}, Buffer.from(encode(dossier, wide))), milliseconds)
}

const take = {
  WELCOME({ token, ...terms }) {
    const new_life = !session || incarnation(session) !== incarnation(token)
    ;({ heartbeat, silence } = terms)
    session = token
    up = true
    if (new_life) {
      highest = undefined
      for (const job of jobs.values()) send('OFFER', { job: job.job, token: job.token, stage })
    }
    beat(true)
    for (const job of jobs.values()) if (job.answer) send(...job.answer)
  },
  HEARTBEAT({ token, want }) {
    saw(token)
    if (want) beat(true)
  },
  GOODBYE() {
    up = false
  },
  JOB({ job, token }, dossier) {
    saw(token)
    if (jobs.has(key(token))) return
    if (draining) return send('RETURN', { job, token })
    jobs.set(key(token), { job, token })
    send('STARTED', { job, token })
    work(jobs.get(key(token)), dossier)
  },
  ACK({ token }) {
    if (jobs.get(key(token))?.answer) done += jobs.delete(key(token))
  },
  CANCEL({ token }) {
    const job = token && jobs.get(key(token))
    if (job?.answer) send(...job.answer)
    else if (job) answer(job, 'FAILED', { class: 7, fault: 'cancelled' })
  },
  REFUSED({ text }) {
    console.error(`refused: ${text}`)
  },
}

// ---- time (11) ----

function tick() {
  const now = performance.now()
  if (up && now - heard > silence) up = false
  if (!up && now >= hello_due) {
    send('HELLO', { role: 2, instance, token: session, window: 1, route: [stage], peer: `node ${process.pid}` })
    hello_due = now + 500
  }
  if (up && now >= beat_due) beat(false)
  for (const job of jobs.values())
    if (up && job.answer && now - job.sent >= 2000) {
      job.sent = now
      send(...job.answer)
    }
  if (draining && jobs.size === 0) leave()
}

async function leave() {
  clearInterval(clock)
  send('GOODBYE', { text: 'drained' })
  await sending
  socket.close()
  console.log(`done ${done}`)
  process.exit(0)
}

process.on('SIGTERM', () => {
  draining = true
  if (up) beat(false)
})
const clock = setInterval(tick, 20)
socket.connect(endpoint)
for await (const [frame] of socket)
  try {
    heard = performance.now()
    for (const [name, values, body] of messages(frame)) take[name]?.(values, body)
  } catch (error) {
    console.error(`a frame is dropped: ${error}`)
  }
