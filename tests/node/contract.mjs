// Holds a gateway to its description (/api/openapi.json), as a stranger's client would: every operation is called so many
// times with good values, values at and over their limits, and hostile ones. Every answer must be one that is described: its
// status, its media type, its JSON by its schema (ajv). What is good must not be refused, what a schema forbids must not be
// taken, and nothing may be answered by a fault of the server.
//
//     node contract.mjs http://HOST:PORT SEED TIMES
//
// Prints what is wrong, one line each, and last "N calls, N operations, N statuses, N wrong". Exit code 1 when something is.
import http from 'node:http'
import Ajv from 'ajv/dist/2020.js'
import { body, chance, form, formType, good, hostile, undecodable, upload } from './inputs.mjs'

const [base, seed, times] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const LONG = 20000 // milliseconds of a call, far above any good one

// What any server of HTTP may say to a request before it is known which operation is meant.
const beforehand = new Set([400, 404, 408, 413, 414, 431])

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })

function call(method, path, headers, bytes) {
  return new Promise((take, refuse) => {
    const request = http.request(base, { method, path, headers, agent, timeout: LONG }, (answer) => {
      const parts = []
      const done = () => take({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts) })
      answer.on('data', (data) => {
        parts.push(data)
        if (answer.headers['content-type']?.startsWith('text/event-stream')) done(answer.destroy())
      })
      answer.on('end', done)
      answer.on('error', done)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer in ${LONG} ms`)))
    request.on('error', refuse)
    request.end(bytes)
  })
}

const api = JSON.parse((await call('GET', '/api/openapi.json', {})).bytes)
const ajv = new Ajv({ strict: false, validateFormats: false })
ajv.addSchema({ ...api, $id: 'api' })

function resolve(part) {
  while (part.$ref) part = part.$ref.slice(2).split('/').reduce((node, name) => node[name], api)
  return part
}

const validators = new Map()
function problems(schema, value) {
  const key = JSON.stringify(schema)
  if (!validators.has(key)) validators.set(key, ajv.compile(JSON.parse(key.replaceAll('"#/components/', '"api#/components/'))))
  const validate = validators.get(key)
  return validate(value) ? null : ajv.errorsText(validate.errors)
}

const operations = []
for (const [path, item] of Object.entries(api.paths))
  for (const [method, operation] of Object.entries(item))
    if (method !== 'parameters')
      operations.push({ path, method: method.toUpperCase(), parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve), operation })

// ---- things that are there ----

// A document of its own with its timetable, feed and dead letter: what one call does to it is no other's business.
async function things(number) {
  const json = async (...words) => JSON.parse((await call(...words)).bytes)
  const send = (text) => json('POST', '/api/v1/documents/upload?wait=60', { 'Content-Type': formType }, form(['file', text, 'week.txt']))
  const { documentId } = await send(`Mine ${number}`)
  const { id } = await json('GET', `/api/v1/timetables/${documentId}`, {})
  const { path } = await json('POST', `/api/v1/timetables/${documentId}/feed`, {})
  return { document: documentId, timetable: id, token: path.split('/').at(-1).split('.')[0] }
}

let letter = null
async function newLetter(number) {
  const text = `fail damaged torn\nX ${number}`
  await call('POST', '/api/v1/documents/upload?wait=60', { 'Content-Type': formType }, form(['file', text, 'torn.txt']))
  return JSON.parse((await call('GET', '/api/v1/dead-letters?limit=1', {})).bytes)[0].id
}

async function known(path, name, mine, number) {
  if (name === 'token') return mine.token
  if (path.includes('dead-letters')) return (letter ??= await newLetter(number))
  return mine.document
}

// ---- one call ----

// Where no schema tells all that is wanted: a session's id comes by a header, the query or the body, and what a key of a
// provider looks like is its provider's. There what is good may be refused all the same (gateway_llm.py has what is taken).
const hasRulesBeside = (path) => path.startsWith('/api/v1/llm/')

const integer = (value) => /^-?\d+$/.test(value)

// {text, raw, known, broken}: how a parameter is sent, and whether its schema forbids it.
async function value(parameter, path, dice, mine, number) {
  if (parameter.in === 'path') {
    const kind = dice.below(4)
    if (kind < 2 && resolve(parameter.schema).type === 'integer') return { text: '1', known: true } // a page
    if (kind < 2) return { text: encodeURIComponent(await known(path, parameter.name, mine, number)), known: true }
    if (kind === 2) return { text: encodeURIComponent(dice.one(hostile)) || 'x' }
    return { text: dice.one(undecodable), raw: true }
  }
  const schema = resolve(parameter.schema)
  const kind = dice.below(3)
  if (kind === 0) return { text: encodeURIComponent(String(good(api, schema, dice, parameter.name))), known: schema.type === 'integer' || schema.format === 'date' }
  const text = schema.type === 'integer' && kind === 1
    ? String(dice.one([schema.minimum, schema.maximum ?? 1e9, schema.minimum - 1, (schema.maximum ?? 1e12) + 1, 0]))
    : dice.one(hostile)
  const broken = schema.type === 'integer' && (!integer(text) || problems(schema, Number(text)) !== null)
  return { text: encodeURIComponent(text), broken, known: schema.type === 'integer' && !broken }
}

async function make({ path, method, parameters, operation }, dice, mine, number) {
  const made = { method, path, headers: {}, allGood: !hasRulesBeside(path), broken: false, raw: false, about: [] }
  const query = []
  for (const parameter of parameters) {
    if (parameter.in !== 'path' && !dice.happens(0.4)) continue
    const sent = await value(parameter, path, dice, mine, number)
    made.allGood &&= Boolean(sent.known)
    made.broken ||= Boolean(sent.broken)
    made.raw ||= Boolean(sent.raw)
    if (parameter.in === 'path') made.path = made.path.replace(`{${parameter.name}}`, () => sent.text)
    else if (parameter.in === 'query') query.push(`${parameter.name}=${sent.text}`)
    else made.headers[parameter.name] = decodeURIComponent(sent.text).replace(/[^\x20-\x7e]/g, '?').slice(0, 4000)
  }
  if (query.length) made.path += `?${query.join('&')}`
  const wanted = operation.requestBody && resolve(operation.requestBody).content
  if (wanted?.['multipart/form-data']) {
    const sent = upload(dice, number)
    made.bytes = sent.bytes
    if (sent.type) made.headers['Content-Type'] = sent.type
    made.broken ||= Boolean(sent.bad)
    made.allGood &&= Boolean(sent.valid)
  } else if (wanted?.['application/json'] && (operation.requestBody.required || dice.happens(0.7))) {
    const sent = body(api, wanted['application/json'].schema, dice, mine.document)
    const none = !sent.bytes.length && !operation.requestBody.required
    const wrong = !none && (sent.value === undefined || problems(wanted['application/json'].schema, sent.value) !== null)
    made.bytes = sent.bytes
    made.headers['Content-Type'] = 'application/json'
    made.allGood &&= Boolean(sent.good)
    made.forbidden = wrong
  }
  return made
}

// ---- what may be wrong with an answer ----

const seen = new Set()

function wrong({ path, method, operation }, sent, answer) {
  const { status } = answer
  const described = operation.responses[status] && resolve(operation.responses[status])
  if (!described) {
    const early = beforehand.has(status) && (sent.raw || sent.path.length > 2000 || sent.path.split('?')[0] !== path)
    return early ? null : `${status} is not described: ${answer.bytes.subarray(0, 300)}`
  }
  seen.add(`${method} ${path} ${status}`)
  if (status >= 500 && !answer.headers['retry-after']) return `${status} without Retry-After`
  if (sent.forbidden && status < 300) return `${status}, though the schema forbids the body`
  if (sent.broken && status < 400) return `${status}, though a value is over its limits`
  if (sent.allGood && [400, 404, 413, 415].includes(status)) return `${status}, though everything is good: ${answer.bytes.subarray(0, 300)}`
  if (!described.content) return answer.bytes.length ? `${status} with a body, which is not described` : null
  const media = (answer.headers['content-type'] ?? '').split(';')[0]
  const content = described.content[media] ?? described.content['*/*']
  if (!content) return `${status} as ${media}, which is not described`
  if (!media.includes('json')) return null
  let value
  try {
    value = JSON.parse(answer.bytes)
  } catch (error) {
    return `${status} with a body that is no JSON: ${error.message}`
  }
  const why = problems(content.schema, value)
  return why && `${status} with JSON that is not as described: ${why}: ${answer.bytes.subarray(0, 300)}`
}

let [calls, faults] = [0, 0]
for (const one of operations) {
  let mine = await things(`${one.method} ${one.path}`)
  const constant = !one.parameters.length && !one.operation.requestBody
  for (let i = 0; i < (constant ? 1 : times); i++) {
    const dice = chance(seed * 1000003 + calls)
    const sent = await make(one, dice, mine, calls)
    let answer, why
    try {
      answer = await call(sent.method, sent.path, sent.headers, sent.bytes)
      why = wrong(one, sent, answer)
    } catch (error) {
      why = `no answer: ${error.message}`
    }
    calls++
    if (why) {
      faults++
      console.log(`${sent.method} ${sent.path.slice(0, 200)} ${JSON.stringify(sent.headers).slice(0, 300)} ${sent.bytes?.subarray(0, 300) ?? ''}: ${why}`)
    }
    if (answer?.status < 300 && one.method === 'DELETE' && !one.path.endsWith('feed') && sent.allGood) mine = await things(`again ${calls}`)
    if (answer?.status < 300 && one.path.includes('dead-letters/')) letter = null
    if (answer?.status < 300 && one.path.endsWith('feed')) mine = await things(`feed ${calls}`)
  }
}
console.log(`${calls} calls, ${operations.length} operations, ${seen.size} statuses, ${faults} wrong`)
process.exit(faults ? 1 : 0)
