// What is sent by contract.mjs: values by the schemas of a description of an interface (OpenAPI 3.1), good ones, ones at and
// over their limits, and hostile ones; the same for the same seed.

// mulberry32: 32 bits of state are enough for cases that can be told by their number.
export function chance(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    below: (n) => Math.floor(next() * n),
    one: (list) => list[Math.floor(next() * list.length)],
    happens: (part) => next() < part,
  }
}

export const hostile = [
  '', ' ', '.', '..', '../../etc/passwd', "'", "' OR '1'='1", '"; DROP TABLE documents; --', '$1', '{now}', '%s%n', '`id`', '$(id)', '<script>alert(1)</script>',
  'null', 'undefined', 'NaN', '-1', '0', '1e309', '9223372036854775808', '00000000-0000-0000-0000-000000000000', '018F0000-0000-7000-8000-00000000000G',
  '\u0000', 'a\u0000b', '\u202e', '\ufffe', '\u{1f642}', 'é'.repeat(300), 'x'.repeat(300), 'x'.repeat(7000), '[]', '{}', 'true', '/', '\\', 'a/b', '?a=b', '#', ';', '\r\nX-Evil: 1',
]

// Percent signs that decode to nothing, to a zero, or to no UTF-8: as they stand in a path or query.
export const undecodable = ['%', '%4', '%zz', '%00', 'a%00b', '%ff', '%C3%28', '%ed%a0%80']

function resolve(api, schema) {
  while (schema.$ref) schema = schema.$ref.slice(2).split('/').reduce((node, name) => node[name], api)
  return schema
}

// Rules that no schema tells: a lesson ends after it begins, a term too.
const ordered = { startTime: ['00:00', '9:05', '09:00'], endTime: ['09:50', '10:00', '23:59'], from: ['2026-09-02', '2027-02-28'], until: ['2090-07-01', '2090-12-18'] }

function text(schema, dice, name) {
  if (schema.enum) return dice.one(schema.enum)
  if (schema.const !== undefined) return schema.const
  if (ordered[name]) return dice.one(ordered[name])
  const least = schema.minLength ?? 0
  return dice.one(['Maths', 'Ms Ó Briain', '数学', 'a'.repeat(Math.max(least, 1)), 'P.E. & Games <b>', 'x'.repeat(200), ...(least ? [] : [''])])
}

// A value that the schema allows.
export function good(api, given, dice, name = '') {
  const schema = resolve(api, given)
  if (schema.allOf) return Object.assign({}, ...[...schema.allOf, { ...schema, allOf: undefined }].map((part) => good(api, part, dice, name)))
  if (schema.anyOf) return good(api, dice.one(schema.anyOf), dice, name)
  if (schema.enum) return dice.one(schema.enum)
  const type = Array.isArray(schema.type) ? dice.one(schema.type) : schema.type
  switch (type) {
    case 'null': return null
    case 'boolean': return dice.happens(0.5)
    case 'integer': return dice.one([schema.minimum ?? 0, Math.min(schema.maximum ?? 20, (schema.minimum ?? 0) + 7), schema.maximum ?? 20])
    case 'number': return dice.one([schema.minimum ?? 0, ((schema.minimum ?? 0) + (schema.maximum ?? 1)) / 2, schema.maximum ?? 1])
    case 'string': return text(schema, dice, name)
    case 'array': return Array.from({ length: dice.below(4) }, () => good(api, schema.items ?? {}, dice))
    default: break
  }
  const made = {}
  for (const [key, part] of Object.entries(schema.properties ?? {}))
    if ((schema.required ?? []).includes(key) || dice.happens(0.5)) made[key] = good(api, part, dice, key)
  return made
}

function deep(levels) {
  return '['.repeat(levels) + ']'.repeat(levels)
}

// Bodies that are no JSON, or JSON that no schema of ours allows.
const nonsense = [
  '', '{', '[', '{"timeblocks":', 'nul', "{'a':1}", '{"a":1}x', deep(200), deep(100000), '"text"', '3', 'null', 'true', '[]', '{"a":1,"a":2}', '1e999', '{"\\u0000":1}',
  '{"timeblocks":[{"day":"Monday","name":"a\\u0000b"}]}', '{"timeblocks":[{"day":"Monday","name":"\\ud800"}]}', '{"timeblocks":{}}', '{"timeblocks":null}', '{"timeblocks":[null]}',
  '{"options":[]}', '{"options":{"gate":1e999}}', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), Buffer.alloc(5000, 0), Buffer.from('\ufeff{}'), 'x'.repeat(100000),
]

// A value beside a good one: one of its parts is of another kind, over a limit, or not there.
function damage(value, dice) {
  const strange = () => dice.one([null, true, -1, 1e300, '', 'x'.repeat(70000), [], {}, [[]], 'a\u0000b', ...hostile])
  if (value === null || typeof value !== 'object' || dice.happens(0.2)) return strange()
  const copy = Array.isArray(value) ? [...value] : { ...value }
  const keys = Object.keys(copy)
  if (!keys.length) return strange()
  const key = dice.one(keys)
  if (!Array.isArray(copy) && dice.happens(0.3)) delete copy[key]
  else copy[key] = dice.happens(0.6) ? damage(copy[key], dice) : strange()
  return copy
}

// {bytes, value, good}: value is what it says, undefined where it is no JSON. A good one is about the document `mine`.
export function body(api, schema, dice, mine) {
  const kind = dice.below(3)
  if (kind === 0) {
    const value = good(api, schema, dice)
    if (typeof value.document_id === 'string') value.document_id = mine
    return { bytes: Buffer.from(JSON.stringify(value)), value, good: true }
  }
  if (kind === 1) {
    const value = damage(good(api, schema, dice), dice)
    return { bytes: Buffer.from(JSON.stringify(value)), value }
  }
  const bytes = Buffer.from(dice.one(nonsense))
  try {
    return { bytes, value: JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) }
  } catch {
    return { bytes, value: undefined }
  }
}

const BOUNDARY = 'mark'

function part(name, content, filename) {
  const file = filename === undefined ? '' : `; filename="${filename}"`
  return Buffer.concat([Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')])
}

export function form(...parts) {
  return Buffer.concat([...parts.map(([name, content, filename]) => part(name, content, filename)), Buffer.from(`--${BOUNDARY}--\r\n`)])
}

export const formType = `multipart/form-data; boundary=${BOUNDARY}`

// {bytes, type, valid}: a form of an upload; valid: it must be taken.
export function upload(dice, number) {
  const file = ['file', `Block ${number}`, 'week.txt']
  const whole = form(file)
  return dice.one([
    { bytes: whole, type: formType, valid: true },
    { bytes: form(file, ['file', 'Two', 'b.txt'], ['teacher', 'Ms Ada'], ['className', '4B'], ['name', 'Autumn']), type: formType, valid: true },
    { bytes: form(file, ['options', '{"gate":0.5,"languages":"eng","pages":"1"}']), type: formType, valid: true },
    { bytes: form(['file', 'x', dice.one(hostile).replace(/["\r\n\0]/g, '')]), type: formType },
    { bytes: form(['file', '', 'empty.txt']), type: formType, bad: true },
    { bytes: form(['document', 'x', 'a.txt']), type: formType, bad: true },
    { bytes: form(['file', 'x']), type: formType, bad: true },
    { bytes: form(file, ['options', dice.one(['{', '[]', '{"magic":1}', '{"gate":7}', 'null', '{"languages":"eng; rm"}'])]), type: formType, bad: true },
    { bytes: form(file, ['teacher', dice.one([Buffer.from([0xff, 0xfe]), 'a\0b', Buffer.from([0xed, 0xa0, 0x80])])]), type: formType, bad: true },
    { bytes: whole.subarray(0, 1 + dice.below(whole.length - 3)), type: formType, bad: true },
    { bytes: whole, type: 'multipart/form-data', bad: true },
    { bytes: whole, type: 'multipart/form-data; boundary=other', bad: true },
    { bytes: Buffer.from('{}'), type: 'application/json', bad: true },
    { bytes: Buffer.alloc(0), type: formType, bad: true },
    { bytes: Buffer.alloc(2000, 0), type: formType, bad: true },
    { bytes: whole, type: undefined, bad: true },
  ])
}
