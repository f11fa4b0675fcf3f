// Runs a job that fails, with a spool, and is killed at the n-th step of all that touches the disk or the sink.
import { appendFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { KILL_AT, SPOOL, STEPS, ARRIVED } = process.env;
let left = Number(KILL_AT);

/** One step: told before it is taken, which it is not when it is the one. */
function step(what) {
  if (left-- === 0) process.kill(process.pid, 'SIGKILL');
  appendFileSync(STEPS, `${what}\n`);
}

for (const name of ['mkdir', 'open', 'readFile', 'readdir', 'rename', 'rm', 'stat']) {
  const real = fs[name];
  fs[name] = async (path, ...args) => {
    if (!String(path).startsWith(SPOOL)) return real(path, ...args);
    step(`${name} ${path}`);
    const result = await real(path, ...args);
    if (name !== 'open') return result;
    for (const method of ['writeFile', 'sync', 'close', 'chmod']) {
      const own = result[method].bind(result);
      result[method] = async (...given) => {
        step(`${method} ${path}`);
        return own(...given);
      };
    }
    return result;
  };
}
syncBuiltinESMExports();

const { executeJob, job } = await import('exporter-kit');
const sink = {
  name: 'memory',
  async deliver({ mode, snapshot }) {
    step('send');
    const values = snapshot.families.map(({ metric, columns }) => `${metric.name} ${columns[0].vals[0]}`);
    appendFileSync(ARRIVED, `${JSON.stringify({ mode, lines: values })}\n`);
    step('sent');
  },
};
const failing = job({ name: 'backup', run: () => Promise.reject(new Error('no')) });
await executeJob(failing, { to: [sink], spool: SPOOL }).catch(() => {});
