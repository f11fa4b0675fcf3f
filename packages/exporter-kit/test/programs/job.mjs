import { gauge, job, runJob } from 'exporter-kit';
import { z } from 'exporter-kit/config';

const never = () => new Promise(() => {});
const forSome = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What a job may do, beside its work. */
const ways = {
  async fail() {
    throw new Error('no space left');
  },
  hang(signal) {
    console.error('hanging');
    return new Promise((_, reject) => {
      const timer = setInterval(() => {}, 1000);
      signal.addEventListener('abort', () => {
        clearInterval(timer);
        reject(signal.reason);
      });
    });
  },
  deaf() {
    setInterval(() => {}, 1000);
    console.error('deaf');
    return never();
  },
  // Left behind, and then some.
  async 'reject-late'(signal) {
    console.error('hanging');
    setInterval(() => {}, 1000);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await forSome(300);
    void Promise.reject(new Error('far too late'));
    throw new Error('too late');
  },
  // With nothing left that could ever wake it.
  never,
  'leave-timers': async () => void setInterval(() => {}, 1000),
  'throw-in-callback': () => new Promise(() => setTimeout(() => JSON.parse('{'), 1)),
  'forget-await': async () => {
    void Promise.reject(new TypeError('nobody waits for me'));
    await forSome(50);
  },
  'fail-after': async () => {
    process.nextTick(() => setImmediate(() => Promise.reject(new Error('afterwards'))));
  },
  'exit-well': () => process.exit(0),
  'exit-badly': async () => {
    await forSome(1);
    process.exit(3);
  },
  'exit-in-callback': () => new Promise(() => setTimeout(() => process.exit(3), 1)),
  'catch-signals': async (signal) => {
    process.on('SIGTERM', () => process.exit(0));
    await ways.hang(signal);
  },
  async work(_signal, { done }) {
    for (let i = 1; ; i++) {
      done.set(i);
      if (i === 5) console.error('working');
      await forSome(5);
    }
  },
  block() {
    console.error('blocking');
    for (;;);
  },
};

const work = job({
  name: 'test job',
  metrics: {
    items: gauge({ name: 'items', help: 'Items done.' }),
    done: gauge({ name: 'done', help: 'How far it is.' }),
  },
  config: z.object({ do: z.string().optional(), fail: z.boolean().default(false), hang: z.boolean().default(false) }),
  async run({ items, done }, { config, signal }) {
    const way = config.fail ? 'fail' : config.hang ? 'hang' : config.do;
    if (way !== undefined) await ways[way](signal, { done });
    items.add(3);
  },
});

await runJob(work, { version: '2.0.0' });
