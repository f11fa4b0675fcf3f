import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Migration, migrationOf } from './migration.ts';

const served = `
import { register } from 'prom-client';
export const answer = async () => register.metrics();
`;

/** A file that is moved: what is in it, and what of it is there afterwards. */
const moved: readonly [what: string, file: string, text: string, after: readonly string[]][] = [
  [
    'a counter and its calls',
    'a.ts',
    `import { Counter } from 'prom-client';
const a = new Counter({ name: 'a_total', help: 'A.', labelNames: ['x', 'y'] });
a.inc({ x: 'p', y: 1 });
a.inc({ y: true, x: 'p' }, 2);
a.labels('p', 'q').inc();
a.labels({ x: 'p', y: 'q' }).inc(3);
a.remove('p', 'q');
a.remove({ x: 'p', y: 'q' });
`,
    [
      "a.inc({ x: 'p', y: 1 });",
      "a.inc({ y: true, x: 'p' }, 2);",
      "a.with({ x: 'p', y: 'q' }).inc();",
      "a.with({ x: 'p', y: 'q' }).inc(3);",
      "a.remove({ x: 'p', y: 'q' });\na.remove({ x: 'p', y: 'q' });",
    ],
  ],
  [
    'empty labels of a metric without labels',
    'b.ts',
    `import * as prom from 'prom-client';
export const b = new prom.Gauge({ name: 'b', help: 'B.' });
b.inc({}, 2);
b.set({}, 3);
b.dec({});
b.setToCurrentTime();
`,
    ['b.inc(2);', 'b.set(3);', 'b.dec();', 'b.setToCurrentTime();'],
  ],
  [
    'labels that may be undefined',
    'c.ts',
    `import client from 'prom-client';
const c = new client.Counter({ name: 'c_total', help: 'C.', labelNames: ['x'] });
export const count = (x: string | undefined, o: { readonly x?: string }, z: any, n: number | 'many') => {
  c.inc({ x });
  c.inc({ x: o.x });
  c.inc({ x: z.y.z });
  c.labels(z.method).inc();
  c.labels(x ?? 'none').inc();
  c.inc({ x: n });
};
`,
    [
      'c.inc({ x: String(x) });',
      'c.inc({ x: String(o.x) });',
      'c.inc({ x: String(z.y.z) });',
      'c.with({ x: String(z.method) }).inc();',
      "c.with({ x: x ?? 'none' }).inc();",
      'c.inc({ x: n });',
    ],
  ],
  [
    'labels in a variable',
    'd.ts',
    `import { Counter as Metric } from 'prom-client';
const d = new Metric({ name: 'd_total', help: 'D.', labelNames: ['x', 'y'] });
export const count = (z: any) => {
  const sure = { x: 'a', y: 2 };
  const unsure = { x: z.a, y: 'b' };
  d.inc(sure);
  d.inc(unsure, 2);
  d.inc({ ...sure, y: 'c' });
};
`,
    ['d.inc(sure);', 'd.inc({ x: String(unsure.x), y: unsure.y }, 2);', "d.inc({ ...sure, y: 'c' });"],
  ],
  [
    'timers',
    'e.ts',
    `import { Histogram } from 'prom-client';
const e = new Histogram({ name: 'e', help: 'E.', labelNames: ['x', 'y'] });
const plain = new Histogram({ name: 'e_plain', help: 'E.' });
export function first(on: (end: () => void) => void) {
  const end = e.startTimer();
  end({ x: 'a', y: 'b' });
  on(e.startTimer({ x: 'a', y: 'b' }));
  on(plain.startTimer());
}
export function second(x: string) {
  const stop = e.startTimer({ x });
  if (x) return stop({ y: 'b' });
  const labels = { y: 'c' };
  return stop(labels);
}
export function third() {
  const end = e.labels('a', 'b').startTimer();
  return end();
}
`,
    [
      "const end = e.start();\n  end({ x: 'a', y: 'b' });",
      "on(e.with({ x: 'a', y: 'b' }).start());",
      'on(plain.start());',
      "const stopLabels = { x };\n  const stop = e.start();\n  if (x) return stop({ ...stopLabels, y: 'b' });",
      'return stop({ ...stopLabels, ...labels });',
      "const end = e.with({ x: 'a', y: 'b' }).start();\n  return end();",
    ],
  ],
  [
    'CommonJS',
    'f.cjs',
    `'use strict';
const { Counter, Gauge: G } = require('prom-client');
module.exports.f = new Counter({ name: 'f_total', help: 'F.', labelNames: ['x'] });
exports.g = new G({ name: 'f', help: "F's." });
module.exports.f.labels(String(1)).inc();
exports.g.set(1);
`,
    [
      "'use strict';\nconst { forms } = require('./live-metrics.js');\nmodule",
      'module.exports.f = ',
      'module.exports.f.with({ x: String(1) }).inc();',
      'exports.g.set(1);',
    ],
  ],
  [
    'objects, classes of another file, and comments',
    'g.ts',
    `// The first comment.
import { Counter, Gauge, type Registry } from 'prom-client';

const prefix = 'g_';
export type R = Registry;
/** All of them. */
export const metrics = {
  // Jobs, also those that fail.
  jobs: new Counter({ name: \`\${prefix}jobs_total\`, help: 'G' + '.', labelNames: ['x'] as const /* one */ }),
  deep: { waiting: new Gauge({ name: prefix + 'waiting', help: 'G.' }) },
} as const;
`,
    [
      "// The first comment.\nimport { type Registry } from 'prom-client';",
      '/** All of them. */\nexport const metrics = {\n  // Jobs, also those that fail.\n  jobs: ',
      'deep: { waiting: ',
    ],
  ],
  [
    'a file that imports them',
    'h.ts',
    `import { metrics } from './g.js';
import * as all from './g.js';
const { jobs, deep } = metrics;
jobs.labels('a').inc();
deep.waiting.inc();
export class Worker {
  work() {
    metrics.jobs.labels('b').inc();
    all.metrics.deep.waiting.dec();
  }
}
export { metrics as numbers } from './g.js';
`,
    ["jobs.with({ x: 'a' }).inc();", "metrics.jobs.with({ x: 'b' }).inc();", 'all.metrics.deep.waiting.dec();'],
  ],
  [
    'bound labels',
    'i.ts',
    `import { Counter, Histogram } from 'prom-client';
const i = new Counter({ name: 'i_total', help: 'I.', labelNames: ['x'] });
const t = new Histogram({ name: 'i', help: 'I.', labelNames: ['x'], buckets: [1, 2] });
t.zero({ x: 'b' });
export const good = i.labels('good');
const took = t.labels({ x: 'a' });
export const run = () => {
  good.inc();
  const end = took.startTimer();
  took.observe(1);
  end();
};
`,
    ["good = i.with({ x: 'good' });", "took = t.with({ x: 'a' });", 'took.start();', "t.with({ x: 'b' });"],
  ],
];

/** A metric that stays, and why. */
const staying: readonly [text: string, why: RegExp][] = [
  [
    "const m = new Counter({ name: 'NAME', help: 'H.', labelNames: ['x', 'y'] });\nm.inc({ x: 'a' });",
    /label y is missing/,
  ],
  ["const m = new Counter({ name: 'NAME', help: 'H.', labelNames: ['x'] });\nm.inc();", /without its labels/],
  [
    "const m = new Counter({ name: 'NAME', help: 'H.', labelNames: ['x'] });\nexport const f = (l: any) => m.inc(l);",
    /not written out/,
  ],
  [
    "const m = new Counter({ name: 'NAME', help: 'H.', labelNames: ['x'] });\nexport const f = (l: { x?: string }) => m.inc(l);",
    /not written out/,
  ],
  [
    "const m = new Counter({ name: 'NAME', help: 'H.', labelNames: ['x'] });\nexport const f = (l: Record<string, string>) => m.inc(l);",
    /not written out/,
  ],
  [
    "const m = new Counter({ name: 'NAME', help: 'H.', labelNames: ['x', 'y'] });\nexport const f = (l: string[]) => m.labels(...l).inc();",
    /only known at run time/,
  ],
  ["const m = new Counter({ name: 'NAME', help: 'H.' });\nm.inc(1, 2 as never);", /too many arguments/],
  ["const m = new Counter({ name: 'NAME', help: 'H.' });\nm.reset();", /no reset/],
  ["const m = new Counter({ name: 'NAME', help: 'H.' });\nexport const f = () => m.get();", /get\(\)/],
  ["const m = new Counter({ name: 'NAME', help: 'H.' });\nconsole.log(m);", /passes it on/],
  ["const m = new Counter({ name: 'NAME', help: 'H.' });\nexport const f = m.inc;", /reads its inc/],
  ["const m = new Counter({ name: 'NAME', help: 'H.' });\nexport const f = () => m.inc?.();", /reads its inc/],
  [
    "const o = { m: new Counter({ name: 'NAME', help: 'H.' }) };\nexport const f = (k: 'm') => o[k].inc();",
    /passes it on/,
  ],
  ["const o = { m: new Counter({ name: 'NAME', help: 'H.' }) };\nexport const f = () => ({ ...o });", /passes it on/],
  ["export const f = () => new Counter({ name: 'NAME', help: 'H.' });", /inside a function/],
  ["export class C { m = new Counter({ name: 'NAME', help: 'H.' }); }", /inside a function/],
  ["export const m = process.env.X ? new Counter({ name: 'NAME', help: 'H.' }) : undefined;", /inside a function/],
  ["let m = new Counter({ name: 'NAME', help: 'H.' });\nexport const f = () => { m = m; };", /passes it on/],
  ["const options = { name: 'NAME', help: 'H.' };\nexport const m = new Counter(options);", /not written out/],
  ["export const m = new Counter({ name: 'NAME', help: process.env.HELP! });", /only known at run time/],
  ["export const m = new Gauge({ name: 'NAME', help: 'H.', collect() { this.set(1); } });", /it has collect/],
  ["export const m = new Gauge({ name: 'NAME', help: 'H.', aggregator: 'average' });", /aggregator/],
  ["const m = new Gauge({ name: 'NAME', help: 'H.' });\nm.startTimer();", /no timer/],
  ["export const m = new Histogram({ name: 'NAME', help: 'H.', buckets: [2, 1] });", /ascending/],
  [
    "export const m = new Histogram({ name: 'NAME', help: 'H.', buckets: JSON.parse('[1]') });",
    /only known at run time/,
  ],
  ["export const m = new Summary({ name: 'NAME', help: 'H.' });", /quantiles/],
  [
    "const m = new Histogram({ name: 'NAME', help: 'H.', labelNames: ['x'] });\nexport const f = () => m.zero({ x: 'a' });",
    /also resets/,
  ],
  ["export const m = new Counter({ name: 'NAME', help: 'H.', labelNames: ['__x'] });", /reserved/],
  ["export const m = new Counter({ name: 'NAME', help: 'H.', registers: [] });", /exactly one registry/],
  ["export const m = new Counter({ name: 'NAME', help: 'H.', registers: [new Registry()] });", /not in the registry/],
  [
    "const m = new Histogram({ name: 'NAME', help: 'H.', labelNames: ['x'] });\nexport const f = () => m.startTimer();",
    /needs labels there/,
  ],
  [
    "const m = new Histogram({ name: 'NAME', help: 'H.', labelNames: ['x'] });\nconst end = m.startTimer();\nsetTimeout(end, 1);",
    /needs labels there/,
  ],
  [
    "const m = new Histogram({ name: 'NAME', help: 'H.', labelNames: ['x', 'y'] });\nconst end = m.startTimer({ x: 1 });\nend();",
    /label y is missing/,
  ],
  ["const lost = new Counter({ name: 'NAME', help: 'H.' });\nexport const f = (o: any) => o.lost.inc();", /may use it/],
  ["export const broken = new Counter({ name: 'NAME', help: 'H.' });", /syntax error/],
  ["export const elsewhere = new Counter({ name: 'NAME', help: 'H.' });", /not found/],
  ["export const asked = new Counter({ name: 'asked_total', help: 'H.' });", /asks for it by name/],
];

let root = '';
let migration: Migration;
const textOf = (path: string): string => Buffer.from(migration.changes.get(path)?.after ?? []).toString();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'forms-'));
  const files: Record<string, string> = {
    'package.json': '{ "name": "forms", "type": "module", "dependencies": { "prom-client": "15" } }\n',
    'served.ts': served,
    'broken.ts': "import { broken } from './stays-0.js';\nbroken.inc(;\n",
    'elsewhere.ts': "import { elsewhere } from './generated/metrics.js';\nelsewhere.inc();\n",
    'named.ts':
      "import { register } from 'prom-client';\nexport const f = () => register.getSingleMetric('asked_total');\n",
  };
  for (const [, file, text] of moved) files[file] = text;
  for (const [i, [text]] of staying.entries()) {
    files[`stays-${i}.ts`] =
      `import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';\n${text.replace('NAME', `stays_${i}`)}\n`;
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  migration = await migrationOf(root, '^1.0.0');
}, 120_000);

afterAll(() => rm(root, { recursive: true, force: true }));

it('moves what can be moved, and nothing else', () => {
  expect(migration.blocks).toEqual([]);
  expect(migration.problems).toEqual(["broken.ts:2: ')' expected."]);
  const touched = [...migration.changes.keys()].sort();
  expect(touched).toEqual([...moved.map(([, file]) => file), 'live-metrics.ts', 'package.json', 'served.ts'].sort());
});

describe('moves', () => {
  it.each(moved)('%s', (_, file, text, after) => {
    const now = textOf(file);
    for (const part of after) expect(now).toContain(part);
    expect(now).not.toMatch(/new \w*\.?(Counter|Gauge|Histogram|Metric|G)\(/);
    expect(now.split('\n').length).toBeLessThanOrEqual(text.split('\n').length + 4);
  });
});

it.each(staying.map(([text, why], i) => [text.split('\n').join(' '), why, i] as const))('leaves %s', (_, why, i) => {
  const mine = migration.staying.filter(({ place }) => place.startsWith(`stays-${i}.ts:`));
  expect(mine).toEqual([expect.objectContaining({ why: expect.stringMatching(why) })]);
});

it('writes declarations that the kit takes', () => {
  const text = textOf('live-metrics.ts');
  expect(text).toContain("name: 'g_jobs_total',\n      help: 'G.',\n      labels: ['x'],");
  expect(text).toContain('    // one\n    jobs: counter({');
  expect(text).toContain('help: "F\'s."');
  expect(text).toContain('buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],');
  expect(textOf('package.json')).toContain('"dependencies": { "exporter-kit": "^1.0.0", "prom-client": "15" }');
});
