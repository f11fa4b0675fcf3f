import { readFile } from 'node:fs/promises';
import { collector, exporter, gauge, run } from 'exporter-kit';
import { z } from 'exporter-kit/config';

const value = gauge({ name: 'value', help: 'A value.' });

await run(
  exporter({
    name: 'test_exporter',
    version: '1.2.3',
    config: z.object({ start: z.number().default(1).describe('First value.') }),
    collectors: ({ start }) => [
      collector({ name: 'steady', metrics: { value }, collect: ({ value: w }) => w.set(start) }),
      collector({
        name: 'greeting',
        metrics: { g: gauge({ name: 'greeting', help: 'Its length.' }) },
        config: z.object({ word: z.string().default('hello').describe('What to say.') }),
        collect: ({ g }, { config }) => g.set(config.word.length),
      }),
      collector({
        name: 'failing',
        metrics: {},
        enabled: false,
        collect() {
          throw new Error('broken on purpose', { cause: new Error('root cause') });
        },
      }),
      collector({
        name: 'stuck',
        metrics: {},
        enabled: false,
        collect: () => new Promise(() => setInterval(() => {}, 1000)),
      }),
      collector({
        name: 'blocked',
        metrics: {},
        enabled: false,
        // Opening a pipe that nobody writes to blocks a thread of the pool for good.
        collect: () => readFile(process.env.PIPE),
      }),
    ],
  }),
  { port: 19999 },
);
