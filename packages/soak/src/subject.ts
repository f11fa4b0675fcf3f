/** The exporter under test: a program as users write it, with collectors that are large, slow or failing. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { collector, counter, exporter, gauge, nodeRuntime, probe, run } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { fromRegistry } from 'exporter-kit/prom-client';
import { Histogram, Registry } from 'prom-client';

// About 15 MB: more than socket buffers hold for a client that stops reading.
const [WIDE_SERIES, WIDE_LABEL] = [10_000, 1500];

const steady = collector({
  name: 'steady',
  metrics: {
    depth: gauge({ name: 'soak_depth', help: 'Messages waiting.', labels: ['queue'] }),
    processed: counter({ name: 'soak_processed_total', help: 'Messages processed.', labels: ['queue'] }),
  },
  collect({ depth, processed }) {
    for (let i = 0; i < 500; i++) {
      depth.set({ queue: i }, Math.random() * 1000);
      processed.set({ queue: i }, Math.floor(performance.now()));
    }
  },
});

const filler = 'x'.repeat(WIDE_LABEL);
const wide = collector({
  name: 'wide',
  metrics: { size: gauge({ name: 'soak_wide', help: 'A lot of text.', labels: ['item'] }) },
  collect({ size }) {
    for (let i = 0; i < WIDE_SERIES; i++) size.set({ item: `${i}${filler}` }, i);
  },
});

let slowCalls = 0;
const slow = collector({
  name: 'slow',
  metrics: { answered: gauge({ name: 'soak_slow_calls', help: 'Number of calls.' }) },
  // Every tenth call takes longer than any scrape timeout.
  async collect({ answered }, { signal }) {
    slowCalls++;
    await after(slowCalls % 10 === 0 ? 60_000 : 200, undefined, { signal });
    answered.set(slowCalls);
  },
});

let flakyCalls = 0;
const flaky = collector({
  name: 'flaky',
  metrics: { up: gauge({ name: 'soak_flaky_up', help: 'Whether the source is up.' }) },
  collect({ up }) {
    flakyCalls++;
    if (flakyCalls % 5 === 0) throw new Error('the source failed');
    up.set(1);
  },
});

let born = 0;
const churn = collector({
  name: 'churn',
  metrics: { age: gauge({ name: 'soak_session_age', help: 'Rounds since the session began.', labels: ['session'] }) },
  config: z.object({ series: z.int().min(1).default(300).describe('Number of concurrent sessions.') }),
  collect({ age }, { config }) {
    born += 30;
    for (let i = 0; i < config.series; i++) age.set({ session: `session-${born + i}` }, i / 30);
  },
});

const registry = new Registry();
const work = new Histogram({
  name: 'soak_work_seconds',
  help: 'Duration of units of work.',
  labelNames: ['kind'],
  registers: [registry],
});
setInterval(() => work.observe({ kind: 'tick' }, Math.random()), 100).unref();

const greeting = probe({
  name: 'greeting',
  metrics: { bytes: gauge({ name: 'probe_greeting_bytes', help: 'Length of the banner of the target.' }) },
  async probe({ bytes }, { target, resolve, signal }) {
    const [host = '', port] = target.split(':');
    const { lookup } = await resolve({ host, port: Number(port), scheme: 'tcp' });
    const socket = connect({ host, port: Number(port), lookup });
    const hangUp = (): void => void socket.destroy(signal.reason);
    signal.addEventListener('abort', hangUp);
    try {
      const [said] = (await once(socket, 'data')) as [Buffer];
      bytes.set(said.length);
    } finally {
      signal.removeEventListener('abort', hangUp);
      socket.destroy();
    }
  },
});

await run(
  exporter({
    name: 'soak_exporter',
    version: '0.0.0',
    collectors: [steady, wide, slow, flaky, churn, fromRegistry(registry), nodeRuntime()],
    probes: [greeting],
  }),
  { port: 0 },
);
