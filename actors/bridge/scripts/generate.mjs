// Takes the scripts of the table `needed` out of the packages and writes them as C: see scripts.h.
//
//     node generate.mjs PACKAGES NEEDED OUT.c      PACKAGES is the folder with bullmq-5 and bullmq-6
//     node generate.mjs --heads PACKAGES NEEDED    prints the table with the hashes of the heads that are there now
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync, readdirSync } from 'node:fs';

const majors = [5, 6];

function fail(text) {
  process.stderr.write(`scripts of BullMQ: ${text}\n`);
  process.exit(1);
}

const upper = (name) => name.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase();

// The key that a name in the table stands for, as scripts.h calls it.
const keyOf = (key) => `KEY_${key.replace(/[-:]/g, '_').toUpperCase()}`;

const rowsOf = (path) =>
  readFileSync(path, 'utf8').split('\n').map((line, i) => ({ line, number: i + 1 }))
    .filter(({ line }) => line.trim() && !line.startsWith('#'))
    .map(({ line, number }) => {
      const [name, served, keys, heads = ''] = line.trim().split(/\s+/);
      if (!keys) fail(`line ${number} of the table lacks its keys`);
      return { name, majors: served.split(',').map(Number), keys: keys.split(','), heads: heads.split(',') };
    });

// What stands in the first block comment: what each key and argument is.
function headOf(text) {
  const found = /--\[\[([\s\S]*?)\]\]/.exec(text);
  if (!found) return '-';
  return createHash('sha256').update(found[1].replace(/\s+/g, ' ').trim()).digest('hex').slice(0, 12);
}

// The text of a script with everything that it includes, as the package ships it.
function read(packages, major, row) {
  const folder = `${packages}/bullmq-${major}/dist/cjs/scripts`;
  const path = `${folder}/${row.name}-${row.keys.length}.js`;
  if (!existsSync(path)) {
    const there = existsSync(folder) ? readdirSync(folder).filter((f) => f.startsWith(`${row.name}-`)) : [];
    fail(`${row.name} with ${row.keys.length} keys is not in BullMQ ${major}` +
         (there.length ? `; there is ${there.join(', ')}: its keys have changed, read it and mend the table` : ''));
  }
  const source = readFileSync(path, 'utf8');
  const from = source.indexOf('`'), to = source.lastIndexOf('`');
  const text = source.slice(from + 1, to);
  if (from < 0 || to <= from || /[`\\]|\$\{/.test(text)) fail(`${path} is not one plain text between two backticks`);
  return text;
}

const literal = (text) =>
  text.split('\n').map((line) => `        "${line.replace(/["?\\]/g, '\\$&').replace(/\t/g, '\\t')}\\n"`).join('\n');

function write(packages, rows, out) {
  const parts = ['/* Made by generate.mjs of the npm package bullmq; see scripts.h. */', '#include "actors/bridge/scripts/scripts.h"', ''];
  const notice = readFileSync(`${packages}/bullmq-6/LICENSE`, 'utf8');
  const versions = majors.map((m) => JSON.parse(readFileSync(`${packages}/bullmq-${m}/package.json`, 'utf8')).version);
  parts.push('const char scripts_notice[] =', `${literal(notice)};`, '');
  parts.push(`const char *const scripts_version[MAJOR_COUNT] = {${versions.map((v) => `"${v}"`).join(', ')}};`, '');
  parts.push('const script_t scripts[MAJOR_COUNT][SCRIPT_COUNT] = {');
  for (const major of majors) {
    parts.push(`    [MAJOR_${major}] = {`);
    const mine = rows.filter((row) => row.majors.includes(major));
    for (const row of mine) {
      const text = `${read(packages, major, row)}\n`;
      const head = headOf(text), expected = row.heads[row.majors.indexOf(major)];
      if (head !== expected)
        fail(`the head of ${row.name} of BullMQ ${major} has changed (${head}, not ${expected}): its keys or arguments may ` +
             'mean something else now; read it, mend what calls it, and then the table');
      const sha1 = createHash('sha1').update(text).digest('hex');
      parts.push(`        [SCRIPT${upper(`_${row.name}`).replace('__', '_')}] = {"${row.name}",`, `${literal(text.slice(0, -1))},`,
                 `        ${Buffer.byteLength(text)}, "${sha1}", ${row.keys.length}, {${row.keys.map(keyOf).join(', ')}}},`);
    }
    parts.push('    },');
  }
  parts.push('};', '');
  writeFileSync(out, parts.join('\n'));
}

function printHeads(packages, needed) {
  const rows = rowsOf(needed);
  for (const row of rows) {
    const heads = row.majors.map((major) => headOf(read(packages, major, row)));
    process.stdout.write(`${row.name} ${row.majors.join(',')} ${row.keys.join(',')} ${heads.join(',')}\n`);
  }
}

const [first, second, third] = process.argv.slice(2);
if (first === '--heads') printHeads(second, third);
else if (third) write(first, rowsOf(second), third);
else fail('node generate.mjs PACKAGES NEEDED OUT.c');
