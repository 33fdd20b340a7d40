// Cron patterns by chance, and what cron-parser says of them, each with three moments in a row.
//
//     node cron.mjs SEED COUNT     prints one line of JSON a case: {pattern, zone, after, first, last, seed, strict, want}
//     node cron.mjs offsets        reads lines of JSON {zone, from, to}; prints the zone's offsets at each hour, in seconds
//
// want is "refused", or a list of Unix milliseconds that ends with null where there is no further moment. Each moment is
// asked for by a new expression, as BullMQ does it.
import { createInterface } from 'node:readline';
import { CronExpressionParser } from 'cron-parser';

const HOUR = 3600e3, DAY = 24 * HOUR;
// places whose clocks have odd ways: half hours, changes at midnight, two hours at once, a day left out, Ramadan
const ODD = ['Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'America/St_Johns', 'Africa/Cairo', 'America/Havana',
  'Asia/Beirut', 'America/Sao_Paulo', 'Pacific/Apia', 'Pacific/Chatham', 'Africa/Casablanca', 'Antarctica/Troll', 'Europe/Dublin',
  'America/Santiago', 'Asia/Tehran', 'Asia/Amman', 'Asia/Kathmandu', 'America/Scoresbysund', 'Atlantic/Azores', 'UTC'];
const ZONES = [...ODD, ...ODD, ...Intl.supportedValuesOf('timeZone')];
const FIELDS = [[0, 59], [0, 59], [0, 23], [1, 31], [1, 12], [0, 7]];
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const DAYS = 'sun mon tue wed thu fri sat sun'.split(' ');
const NAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@hourly', '@minutely', '@secondly', '@weekdays', '@weekends'];

/** Numbers by chance, the same for the same seed (mulberry32). */
function chance(seed) {
  let state = seed >>> 0;
  return bound => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 4294967296 * bound);
  };
}

function number(field, random, past = 0) {
  const [least, most] = FIELDS[field];
  const value = least + random(most - least + 1 + past);
  const names = { 4: MONTHS, 5: DAYS }[field];
  if (!names || random(3) || value > most) return String(value);
  const name = names[field === 4 ? value - 1 : value];
  return [name, name.toUpperCase(), name[0].toUpperCase() + name.slice(1)][random(3)];
}

function range(field, random) {
  const [least, most] = FIELDS[field];
  const from = least + random(most - least + 1), to = from + random(most - from + 1);
  return `${from}-${to}`;
}

function entry(field, random) {
  const step = () => `/${1 + random(random(4) ? 10 : 40)}`;
  switch (random(12)) {
    case 0: case 1: return range(field, random);
    case 2: return range(field, random) + step();
    case 3: return '*' + step();
    case 4: return number(field, random) + step();
    case 5: return field === 3 ? 'L' : field === 5 ? `${random(8)}L` : number(field, random);
    case 6: return random(3) ? number(field, random) : ['H', `H${step()}`, `H(${range(field, random)})`, `H(${range(field, random)})${step()}`][random(4)];
    default: return number(field, random, random(40) ? 0 : 3);
  }
}

function field(which, random) {
  if (random(5) < 2) return random(8) ? '*' : '?';
  if (which === 5 && !random(6)) return `${number(5, random)}#${random(20) ? 1 + random(5) : random(8)}`;
  if (!random(4)) return [...new Set(Array.from({ length: 2 + random(5) }, () => number(which, random)))].join(',');
  return Array.from({ length: random(8) ? 1 : 2 + random(2) }, () => entry(which, random)).join(',');
}

/** One character taken out, put in or changed, so that it is mostly no pattern any more. */
function spoil(pattern, random) {
  const at = random(pattern.length + 1), with_ = '0123456789,-/*?L#() MONjulW@'[random(28)];
  return pattern.slice(0, at) + (random(3) ? with_ : '') + pattern.slice(at + random(2));
}

function pattern(random) {
  if (!random(60)) return NAMES[random(NAMES.length)];
  const from = random(2) ? 0 : random(12) ? 1 : 2 + random(3);
  let text = FIELDS.map((_, i) => field(i, random)).slice(from).join(random(30) ? ' ' : '  ');
  // beside an H cron-parser looks at no character any more: what it makes of those is nobody's wish
  while (!text.includes('H') && !random(8)) text = spoil(text, random);
  return text;
}

const offset = (zone, at) => {
  const parts = Object.fromEntries(formatter(zone).formatToParts(at).map(p => [p.type, p.value]));
  return (Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour % 24, parts.minute, parts.second) - Math.floor(at / 1000) * 1000) / 1000;
};
const formatters = new Map();
function formatter(zone) {
  if (!formatters.has(zone))
    formatters.set(zone, new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
      hour: 'numeric', minute: 'numeric', second: 'numeric' }));
  return formatters.get(zone);
}

/** A moment of 1975 to 2095; mostly one at which the zone's clocks change soon. */
function moment(zone, random) {
  const at = Date.UTC(1975) + random(120 * 365) * DAY + random(DAY);
  if (!random(3)) return at - (random(2) ? at % 1000 : 0);
  for (let low = at, tries = 0; tries < 24; tries++, low += 16 * DAY)
    if (offset(zone, low) !== offset(zone, low + 16 * DAY)) {
      let high = low + 16 * DAY;
      while (high - low > HOUR / 2) {
        const middle = (low + high) / 2;
        if (offset(zone, low) === offset(zone, middle)) low = middle; else high = middle;
      }
      const near = Math.round(high / 1000) * 1000 - random(2 * DAY) + random(DAY / 4);
      return near - (random(2) ? near % 1000 : 0);
    }
  return at;
}

function make(random) {
  const zone = ZONES[random(ZONES.length)], after = moment(zone, random);
  const it = { pattern: pattern(random), zone, after, first: null, last: null, seed: `${random(1000)}${random(2) ? 'é😀' : ''}`, strict: !random(20) };
  if (!random(10)) it.first = after + (random(3) - 1) * random(100 * DAY);
  if (!random(10)) it.last = (it.first ?? after) + random(400 * DAY);
  return it;
}

function ask(it) {
  const want = [];
  for (let at = it.after; want.length < 3 && at !== null;) {
    let expression;
    try {
      expression = CronExpressionParser.parse(it.pattern, { currentDate: new Date(at), tz: it.zone, hashSeed: it.seed, strict: it.strict,
        ...(it.first === null ? {} : { startDate: new Date(it.first) }), ...(it.last === null ? {} : { endDate: new Date(it.last) }) });
    } catch {
      return 'refused';
    }
    try {
      at = expression.next().getTime();
    } catch {
      at = null;
    }
    want.push(at);
  }
  return want;
}

if (process.argv[2] === 'offsets') {
  for await (const line of createInterface({ input: process.stdin })) {
    const { zone, from, to } = JSON.parse(line), offsets = [];
    for (let at = from; at <= to; at += HOUR) offsets.push(offset(zone, at));
    console.log(JSON.stringify(offsets));
  }
} else {
  const random = chance(Number(process.argv[2]));
  for (let count = Number(process.argv[3]); count > 0; count--) {
    const it = make(random);
    console.log(JSON.stringify({ ...it, want: ask(it) }));
  }
}
