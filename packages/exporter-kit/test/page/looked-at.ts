import {
  type Collector,
  collector,
  counter,
  type Exporter,
  exporter,
  gauge,
  histogram,
  info,
  probe,
  source,
  stateset,
} from '../../src/index.ts';

export const hostile = '"><img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
const spoof = 'a\u202Egnp.exe\u0000\n{{constructor}}';

let round = 0;
const queue = collector({
  name: 'queue',
  metrics: {
    depth: gauge({ name: 'queue_depth', help: 'Messages waiting in the queue.', labels: ['queue'] }),
    done: counter({ name: 'queue_processed_total', help: 'Messages processed.', labels: ['queue'] }),
    size: gauge({ name: 'queue_size_bytes', help: 'Size of the queue on disk.', unit: 'bytes' }),
    wait: histogram({
      name: 'queue_wait_seconds',
      help: 'How long messages waited.',
      unit: 'seconds',
      buckets: [0.01, 0.1, 1],
      labels: ['queue'],
    }),
    build: info({ name: 'queue_server_info', help: 'Version of the server.', labels: ['version'] }),
    state: stateset({ name: 'queue_state', help: 'State of the queue.', states: ['running', 'paused'] }),
  },
  collect({ depth, done, size, wait, build, state }) {
    round++;
    for (const [i, name] of ['orders', 'mails', 'invoices', 'thumbnails'].entries()) {
      depth.set({ queue: name }, Math.round(40 + 30 * Math.sin(round / 3 + i) + i * 20));
      done.set({ queue: name }, round * (100 + 40 * i));
      wait.set({ queue: name }, { counts: [round * 3, round * 2, round, i], sum: round * 1.5 });
    }
    size.set(5e8 + 1e7 * Math.sin(round / 2));
    build.set({ version: '4.2.0' });
    state.set(round % 7 === 0 ? 'paused' : 'running');
  },
});

const broken = collector({
  name: 'broken',
  metrics: { never: gauge({ name: 'broken_value', help: 'Never written.' }) },
  collect() {
    throw Object.assign(new Error('password=hunter2 was rejected'), { code: 'EAUTH' });
  },
});

const odd = collector({
  name: 'odd',
  metrics: { odd: gauge({ name: 'odd_value', help: `Help with ${hostile} in it.`, labels: ['text'] }) },
  collect({ odd: writer }) {
    writer.set({ text: hostile }, 1);
    writer.set({ text: spoof }, 2);
    writer.set({ text: 'x'.repeat(1000) }, 3);
  },
});

/** A hundred thousand series. */
export const many: Collector = collector({
  name: 'many',
  metrics: { value: gauge({ name: 'many_value', help: 'A hundred thousand series.', labels: ['id', 'zone'] }) },
  collect({ value }) {
    for (let i = 0; i < 100_000; i++) value.set({ id: `item-${i}`, zone: `z${i % 7}` }, (i * 7919) % 100_003);
  },
});

const jobs = collector({
  name: 'textfile',
  metrics: {
    success: gauge({ name: 'job_success', help: 'Whether the last run succeeded.', labels: ['job'] }),
    duration: gauge({
      name: 'job_duration_seconds',
      help: 'Duration of the last run.',
      unit: 'seconds',
      labels: ['job'],
    }),
    completed: gauge({
      name: 'job_last_completion_timestamp_seconds',
      help: 'When the last run ended.',
      unit: 'seconds',
      labels: ['job'],
    }),
    succeeded: gauge({
      name: 'job_last_success_timestamp_seconds',
      help: 'When a run last succeeded.',
      unit: 'seconds',
      labels: ['job'],
    }),
  },
  collect({ success, duration, completed, succeeded }) {
    const now = Math.floor(Date.now() / 1000);
    for (const [job, went] of [['nightly_backup', 1] as const, ['reindex', 0] as const]) {
      success.set({ job }, went);
      duration.set({ job }, 12.5);
      completed.set({ job }, now - 3600);
      succeeded.set({ job }, now - (went === 1 ? 3600 : 90_000));
    }
  },
});

const store = source({
  name: 'store',
  label: 'server',
  up: gauge({ name: 'store_up', help: 'Whether the server answered.' }),
  config: { parse: (settings: unknown) => settings as { readonly isDown?: boolean } },
  read({ config }) {
    if (config.isDown) throw Object.assign(new Error('connect failed with hunter2'), { code: 'ECONNREFUSED' });
    return 42;
  },
});
const stored = collector({
  name: 'stored',
  source: store,
  metrics: { keys: gauge({ name: 'store_keys', help: 'Keys in the store.' }) },
  collect({ keys }, { reading }) {
    keys.set(reading + round);
  },
});

const ping = probe({
  name: 'ping',
  targets: 'names',
  metrics: {
    phases: gauge({
      name: 'probe_ping_duration_seconds',
      help: 'Duration of each phase.',
      unit: 'seconds',
      labels: { phase: ['resolve', 'connect', 'transfer'] },
    }),
  },
  async probe({ phases }, { target, log }) {
    phases.set({ phase: 'resolve' }, 0.012);
    phases.set({ phase: 'connect' }, 0.034);
    log.info({ target }, 'connected');
    if (target.includes('badly')) throw new Error(`the answer of ${target} was <b>odd</b>`);
    phases.set({ phase: 'transfer' }, 0.005);
  },
});

/** Good and failing collectors, hostile texts, a source with two targets, jobs, probes. */
export const lookedAt = (...others: Collector[]): Exporter =>
  exporter({
    name: 'looked_at_exporter',
    version: '1.2.3',
    collectors: [queue, broken, odd, jobs, stored, ...others],
    probes: [ping],
  });

/** Settings of its source: one target is up, the other down. */
export const twoTargets = { store: { targets: { first: {}, second: { isDown: true } } } };
