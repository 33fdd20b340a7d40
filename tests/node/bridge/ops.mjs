// ops: what a job on a queue of the stage noop does, by its data, as a processor for Node's own Worker: the yardstick of the bridge's.
export function processor({ UnrecoverableError }) {
  return async (job) => {
    const { op, value, ms, message = 'failed as asked', times = 1, steps = 1, lines = 1 } = job.data;
    switch (op) {
      case 'ok': return {};
      case 'echo': return value;
      case 'void': return null;
      case 'slow': return void await new Promise((done) => setTimeout(done, ms));
      case 'fail': throw new Error(message);
      case 'failTimes': if (job.attemptsMade < times) throw new Error(message); return {};
      case 'unrecoverable': throw new UnrecoverableError(message);
      case 'progress': for (let i = 1; i <= steps; i++) await job.updateProgress(Math.round((100 * i) / steps)); return {};
      case 'log': for (let i = 1; i <= lines; i++) await job.log(`line ${i}`); return {};
      default: throw new UnrecoverableError(`there is no op "${op}"`);
    }
  };
}
