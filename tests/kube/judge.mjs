// Judges manifests strictly: every object is validated by the schema of its kind, and written down as a literal of its type,
// in which the compiler finds keys that do not exist.
//
//     node judge.mjs OBJECTS.json      a list of objects; a line for each fault, exit 1 where there is one
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const objects = JSON.parse(readFileSync(process.argv[2], "utf8"));
const faults = [];

// the module of an apiVersion: "apps/v1" is the package's own folder, "v1" and those with dots too
const moduleOf = (version) =>
  (version.startsWith("keda.sh/") ? "@kubernetes-models/keda/" : "kubernetes-models/") + version;

const named = (object) => `${object.kind} ${object.metadata?.name ?? "without a name"}`;
const lines = [];
for (const [i, object] of objects.entries()) {
  let model;
  try {
    model = require(moduleOf(object.apiVersion))[object.kind];
    if (!model) throw new Error("no such kind");
  } catch (error) {
    faults.push(`${named(object)}: ${object.apiVersion} is unknown (${error.message.split("\n")[0]})`);
    continue;
  }
  try {
    new model(object).validate();
  } catch (error) {
    faults.push(`${named(object)}: ${error.message}`);
  }
  lines.push([object, `import type { I${object.kind} as T${i} } from "${moduleOf(object.apiVersion)}"; ` +
    `export const v${i}: T${i} = ${JSON.stringify(object)};`]);
}

const folder = `judged-${process.pid}`;
mkdirSync(folder);
writeFileSync(`${folder}/all.ts`, lines.map((line) => line[1]).join("\n"));
try {
  execFileSync("node_modules/.bin/tsc", ["--strict", "--noEmit", "--skipLibCheck", "--module", "node16", "--moduleResolution",
    "node16", `${folder}/all.ts`], { encoding: "utf8" });
} catch (error) {
  for (const line of (error.stdout || String(error)).trim().split("\n")) {
    const number = /all\.ts\((\d+),/.exec(line)?.[1];
    faults.push(number ? `${named(lines[number - 1][0])}: ${line.replace(/^[^:]*: /, "")}` : line);
  }
}
rmSync(folder, { recursive: true });
console.log(faults.join("\n"));
process.exit(faults.length ? 1 : 0);
