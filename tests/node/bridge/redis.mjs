// redis: real Redis servers of a case, on ports that the kernel chose, in folders of their own. They die with the process that started them.
import { createRequire } from 'node:module';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';

const require = createRequire(import.meta.url);
export const ioredis = require('ioredis');

// a program that the kernel kills when this process ends, however it ends
export function start(program, args, options = {}) {
  return spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], options);
}

export async function freePort(most = 65535) {
  for (;;) {
    const port = await new Promise((found) => {
      const server = net.createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => found(port));
      });
    });
    if (port <= most) return port;
  }
}

function answers(port) {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1');
    const end = (yes) => (socket.destroy(), done(yes));
    socket.once('error', () => end(false));
    socket.once('data', (bytes) => end(!bytes.toString().includes('LOADING')));
    socket.write('PING\r\n');
  });
}

export class Redis {
  constructor(folder, name = 'redis') {
    this.folder = `${folder}/${name}`;
    mkdirSync(this.folder, { recursive: true });
  }

  // options: lines of redis.conf as { name: value }; a list makes as many lines
  async start(options = this.options ?? {}, before = []) {
    this.options = options;
    for (let tries = 0; ; tries++) {
      this.port ??= await freePort(options['cluster-enabled'] ? 55535 : 65535);
      const all = { port: this.port, bind: '127.0.0.1', dir: this.folder, save: '', logfile: `${this.folder}/log`,
        'maxmemory-policy': 'noeviction', ...options };
      const args = Object.entries(all).flatMap(([name, value]) => [value].flat().flatMap((one) => [`--${name}`, ...String(one).split(' ')]));
      this.process = start('redis-server', [...before, ...args], { stdio: 'ignore' });
      this.ended = new Promise((done) => this.process.once('exit', done));
      let gone = false;
      this.ended.then(() => (gone = true));
      const until = Date.now() + 20000;
      while (!gone && Date.now() < until) {
        if (await answers(this.port)) return this;
        await new Promise((again) => setTimeout(again, 5));
      }
      // somebody else was quicker to take the port, unless it is a port that clients know already
      if (!gone || tries > 5) throw new Error(`redis-server does not start: ${readFileSync(`${this.folder}/log`)}`);
      if (!this.known) this.port = undefined;
    }
  }

  async kill(signal = 'SIGKILL') {
    this.known = true;
    this.process.kill(signal);
    await this.ended;
  }

  // a sentinel that watches this server as "yogi", and its port
  async sentinel() {
    const file = `${this.folder}/sentinel.conf`, port = await freePort();
    writeFileSync(file, `port ${port}\nbind 127.0.0.1\ndir ${this.folder}\nsentinel monitor yogi 127.0.0.1 ${this.port} 1\n`
      + 'sentinel down-after-milliseconds yogi 500\nsentinel failover-timeout yogi 2000\n');
    start('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
    while (!(await answers(port))) await new Promise((again) => setTimeout(again, 5));
    return port;
  }

  client(options = {}) {
    return new ioredis.Redis({ host: '127.0.0.1', port: this.port, maxRetriesPerRequest: null, ...options });
  }
}
