// A collector for threads that does at each run what a file says.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
// Not by its name, which under vitest means the sources: a thread runs without vitest.
import { collector, counter, gauge, histogram, info, stateset, summary, unsupported } from '../../dist/index.js';

const metrics = {
  runs: counter({ name: 'heavy_runs_total', help: 'Runs in this thread.' }),
  thread: gauge({ name: 'heavy_thread', help: 'The thread it runs in.' }),
  depth: gauge({ name: 'heavy_depth', help: 'A gauge.', labels: ['queue', 'node'] }),
  wait: histogram({ name: 'heavy_wait_seconds', help: 'A histogram.', buckets: [0.1, 1], labels: ['queue'] }),
  size: summary({ name: 'heavy_size_bytes', help: 'A summary.', quantiles: [0.5, 0.9] }),
  about: info({ name: 'heavy_info', help: 'An info.', labels: ['version'] }),
  link: stateset({ name: 'heavy_link', help: 'A stateset.', states: ['up', 'down'], labels: ['port'] }),
};

let runs = 0;

export default ({ script, series = 0 } = {}) =>
  collector({
    name: 'heavy',
    families: 'dynamic',
    metrics,
    config: { parse: (settings) => (settings?.client ? { url: new URL('http://127.0.0.1/') } : settings) },
    async collect(writers, context) {
      runs++;
      const [act, file] = readFileSync(script, 'utf8').split(' ');
      await acts[act](writers, context, file, series);
    },
  });

const acts = {
  write({ runs: total, thread }) {
    total.set(runs);
    thread.set(threadId);
  },
  all({ depth, wait, size, about, link, family }, { config }) {
    depth.set({ queue: 'a "quoted"\n\\', node: 1 }, Number.NaN);
    depth.set({ node: true, queue: '__proto__' }, -0.1);
    const counts = [1, 2, 3];
    wait.set({ queue: 'a' }, { counts, sum: 4.5 });
    counts.fill(7);
    wait.set({ queue: 'b' }, { counts, sum: 0 });
    size.set({ quantiles: [1, Number.NaN], sum: 3, count: 2 });
    about.set({ version: config.version });
    link.set({ port: 'eth0' }, 'down');
    for (const disk of ['sda', 'sdb']) {
      family(gauge({ name: 'heavy_disk', help: 'Known at run time.', labels: ['disk'] })).set({ disk }, 1);
    }
    wait.set({ queue: 'c' }, { counts: [0, 1, 0], sum: 1, native: { schema: 2, zeroCount: 1, negative: [[-3, 2]] } });
    const positive = { spans: [[-2, 2]], deltas: [3, -1] };
    family(histogram({ name: 'heavy_fine', help: 'Native.', buckets: [] })).set({
      sum: 3,
      native: { schema: 0, positive },
    });
  },
  many({ depth }, _context, _file, series) {
    for (let i = 0; i < series; i++) depth.set({ queue: `q${i}`, node: i % 7 }, i / 3);
  },
  loop(_writers, _context, file) {
    if (file !== undefined) writeFileSync(file, 'looping');
    for (;;);
  },
  // Writes that its signal has aborted, and why; only then it ends.
  heed: (_writers, { signal }, file) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        writeFileSync(file, String(signal.reason));
        reject(signal.reason);
      });
    }),
  deaf(_writers, _context, file) {
    writeFileSync(file, 'deaf');
    return new Promise(() => {});
  },
  // Blocked where JavaScript can't be stopped, until someone writes into the pipe.
  block: (_writers, _context, file) => void execFileSync('cat', [file]),
  fail({ depth }) {
    depth.set({ queue: 'half', node: 'a list' }, 1);
    const cause = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    throw Object.assign(new RangeError('no broker', { cause }), { code: 'E_BROKER' });
  },
  throws({ depth }, { log }, what) {
    depth.set({ queue: 'half', node: 'a list' }, 1);
    const round = new Error('round');
    round.cause = round;
    const mute = Object.defineProperty(new Error('x'), 'message', { get: trap });
    const values = {
      promise: Promise.resolve(),
      rejected: Promise.reject(new Error('within')),
      never: new Promise(() => {}),
      bare: Object.create(null),
      proxy: new Proxy(new Error('x'), { get: trap, getPrototypeOf: trap, ownKeys: trap }),
      marked: Object.assign(new Error('marked'), { mark: Symbol('x'), act: () => {} }),
      nothing: null,
      round,
      mute,
    };
    values.rejected.catch(() => {});
    log.info({ value: values[what] }, 'about to throw');
    throw values[what];
  },
  crashOdd: () =>
    new Promise(() => {
      setImmediate(() => {
        throw null;
      });
    }),
  unsupported: () => unsupported('no broker here'),
  exit: () => process.exit(3),
  crash: () =>
    new Promise(() => {
      setImmediate(() => {
        throw new Error('thrown past everyone');
      });
    }),
  crashLater() {
    setImmediate(() => {
      throw new Error('thrown between runs');
    });
  },
  // In small pieces: a single one beyond the limit ends the process, which Node can't help.
  hoard() {
    let kept = {};
    for (let i = 0; ; i++) kept = { kept, text: `${i} `.repeat(20) };
  },
  duplicate({ depth }) {
    for (const value of [1, 2]) depth.set({ queue: 'a', node: 'b' }, value);
  },
  odd({ depth, wait }) {
    depth.set({ queue: 'missing' }, 1);
    depth.set({ queue: 'a', node: 'function' }, () => {});
    depth.set({ queue: 'a', node: () => {} }, 1);
    depth.set({ queue: 'extra', node: 'b', zone: 'c' }, 2);
    wait.set({ queue: 'short' }, { counts: [1], sum: 1 });
    depth.set({ queue: 'good', node: 'b' }, 3);
  },
  log(_writers, { log }) {
    log.info({ found: 3, err: Object.assign(new Error('odd disk'), { code: 'EIO' }), how() {} }, 'looked around');
    log.warn({}, 'careful');
    for (let i = 0; i < 5000; i++) log.debug({ i }, 'noise');
  },
};

function trap() {
  throw new Error('trap');
}
