// run: one scenario with both majors of BullMQ at the same time, each with a Redis and a worker of its own.
//
//     node run.mjs FILE SCENARIO FOLDER PROGRAM [MAJORS]
//
// PROGRAM is the path of yogi-bridge, or node for Node's own Worker; MAJORS is "5,6" unless said. Exit code 77: Node's Worker
// has nothing to show there.
import { Rig, Skip, pause } from './rig.mjs';

const SECONDS = Number(process.env.BRIDGE_TEST_SECONDS ?? 80);

const [file, name, folder, program, majors = '5,6'] = process.argv.slice(2);
const scenario = (await import(`./scenarios/${file}.mjs`))[name];
if (program === 'node' && scenario.bridgeAlone) {
  console.log(`skipped: ${scenario.bridgeAlone}`);
  process.exit(77);
}

async function run(major) {
  const rig = new Rig(Number(major), program, `${folder}/${major}`);
  try {
    if (scenario.redis !== null) await rig.open(typeof scenario.redis === 'function' ? scenario.redis(rig.folder) : scenario.redis);
    await Promise.race([scenario(rig), pause(SECONDS * 1000).then(() => { throw new Error(`it hangs: not done in ${SECONDS} s`); })]);
    for (const worker of rig.workers.reverse()) await worker.stop();
    return true;
  } catch (error) {
    if (error instanceof Skip) {
      console.log(`skipped: ${error.message}`);
      process.exitCode = 77;
      return true;
    }
    console.error(`BullMQ ${rig.version}: ${error.stack}`);
    for (const worker of rig.workers) if (worker.err) console.error(`the worker said:\n${worker.err.slice(-4000)}`);
    return false;
  } finally {
    await rig.close();
  }
}

process.on('unhandledRejection', (error) => console.error(`a rejection that nobody waited for: ${error?.stack ?? error}`));
const all = await Promise.all(majors.split(',').map(run));
await pause(0);
process.exit(all.every(Boolean) ? process.exitCode ?? 0 : 1);
