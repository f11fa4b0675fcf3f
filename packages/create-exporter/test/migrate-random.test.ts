import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseText } from 'exporter-kit/exposition';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cli } from './bed.ts';

const home = fileURLToPath(new URL('..', import.meta.url));
const exec = promisify(execFile);

interface Metric {
  readonly kind: 'Counter' | 'Gauge' | 'Histogram';
  readonly labels: readonly string[];
  readonly exported: 'const' | 'object' | 'list';
  readonly buckets: readonly number[] | undefined;
  readonly calls: readonly Call[];
}

interface Call {
  readonly form: 'object' | 'variable' | 'position' | 'named' | 'bound' | 'timer' | 'zero' | 'remove' | 'partial';
  readonly method: number;
  readonly values: readonly string[];
  readonly by: number | undefined;
  readonly turned: boolean;
}

// Written as they stand; `nothing` and `unknown` are variables that hold undefined and 7.
const value = fc.constantFrom(
  "'a'",
  "'b c'",
  "'é\\n\"'",
  "''",
  '1',
  '0.5',
  'true',
  'nothing',
  'unknown',
  `\`x${'$'}{1}\``,
);
const call: fc.Arbitrary<Call> = fc.record({
  form: fc.constantFrom(
    'object',
    'object',
    'variable',
    'position',
    'named',
    'bound',
    'timer',
    'zero',
    'remove',
    'partial',
  ),
  method: fc.nat(2),
  values: fc.array(value, { minLength: 3, maxLength: 3 }),
  by: fc.option(
    fc.integer({ min: 0, max: 40 }).map((n) => n / 4),
    { nil: undefined },
  ),
  turned: fc.boolean(),
});
const metric: fc.Arbitrary<Metric> = fc.record({
  kind: fc.constantFrom('Counter', 'Gauge', 'Histogram'),
  labels: fc.constantFrom([], ['x'], ['x', 'y'], ['y', 'x', 'z']),
  exported: fc.constantFrom('const', 'object', 'list'),
  buckets: fc.option(fc.constantFrom([1], [0.5, 2, 8]), { nil: undefined }),
  calls: fc.array(call, { maxLength: 5 }),
});

/** The statements of a call, on an expression for the metric. */
function statement(
  { kind, labels, calls }: Metric,
  on: string,
  { form, method, values: given, by, turned }: Call,
  id: string,
): string {
  const alone = (each: Call): boolean =>
    labels.length === 1 && /^(position|remove)$/.test(each.form) && /^(nothing|unknown)$/.test(each.values[0]!);
  const resets = (each: Call): boolean => kind === 'Histogram' && each.form === 'zero';
  const stays = calls.some((each) => alone(each) || resets(each) || (each.form === 'partial' && labels.length > 2));
  // `fromRegistry`, which serves what stays, takes undefined and missing labels for empty ones.
  const values = stays ? given.map((each) => (/^(nothing|'')$/.test(each) ? "'-'" : each)) : given;
  const pairs = labels.map((label, i) => `${label}: ${values[i]}`);
  const object = `{ ${(turned ? [...pairs].reverse() : pairs).join(', ')} }`;
  const methods = { Counter: ['inc'], Gauge: ['inc', 'dec', 'set'], Histogram: ['observe'] }[kind];
  const name = methods[method % methods.length]!;
  const needed = name === 'set' || name === 'observe';
  const number = by === undefined && !needed ? [] : [String(by ?? 1)];
  const to = (target: string, ...first: string[]): string => `${target}.${name}(${[...first, ...number].join(', ')});`;
  if (labels.length === 0)
    return form === 'timer' && kind === 'Histogram' ? '' : to(on, ...(turned && number.length > 0 ? ['{}'] : []));
  switch (form) {
    case 'variable':
      return `{ const given = ${object}; ${to(on, 'given')} }`;
    case 'position':
      return to(`${on}.labels(${values.slice(0, labels.length).join(', ')})`);
    case 'named':
      return to(`${on}.labels(${object})`);
    case 'bound':
      return `const bound${id} = ${on}.labels(${object});\n${to(`bound${id}`)}`;
    case 'zero':
      return kind === 'Histogram' ? `${on}.zero(${object});` : '';
    case 'remove':
      return turned ? `${on}.remove(${object});` : `${on}.remove(${values.slice(0, labels.length).join(', ')});`;
    case 'partial':
      return labels.length > 2 ? to(on, `{ ${pairs.slice(1).join(', ')} }`) : '';
    case 'timer':
      return '';
    default:
      return to(on, object);
  }
}

/** An application of ES modules that prints its exposition. */
function application(metrics: readonly Metric[]): Record<string, string> {
  const made = (i: number): string => {
    const { kind, labels, buckets } = metrics[i]!;
    const options = [
      `name: 'test_${kind.toLowerCase()}_${i}${kind === 'Counter' && i % 2 ? '_total' : ''}'`,
      `help: 'Number ${i}.'`,
      ...(labels.length === 0 ? [] : [`labelNames: [${labels.map((label) => `'${label}'`).join(', ')}]`]),
      ...(kind === 'Histogram' && buckets !== undefined ? [`buckets: [${buckets.join(', ')}]`] : []),
    ];
    return `new client.${kind}({ ${options.join(', ')} })`;
  };
  const of = (exported: Metric['exported']): number[] =>
    metrics.flatMap((each, i) => (each.exported === exported ? [i] : []));
  const declarations = [
    "import client from 'prom-client';",
    ...of('const').map((i) => `export const m${i} = ${made(i)};`),
    `export const object = {\n${of('object')
      .map((i) => `  m${i}: ${made(i)},\n`)
      .join('')}};`,
    ...of('list').map((i) => `const m${i} = ${made(i)};`),
    `export { ${of('list')
      .map((i) => `m${i}`)
      .join(', ')} };`,
  ];
  const on = (i: number): string => (metrics[i]!.exported === 'object' ? `object.m${i}` : `all.m${i}`);
  const calls = metrics.flatMap((each, i) => each.calls.map((one, j) => statement(each, on(i), one, `${i}_${j}`)));
  const uses = [
    "import { register } from 'prom-client';",
    "import * as all from './metrics.js';",
    "import { object } from './metrics.js';",
    'const data = JSON.parse(\'{ "unknown": 7 }\');',
    'const { nothing, unknown } = data;',
    ...calls,
    'console.log(await register.metrics());',
  ];
  return {
    'package.json': '{ "name": "random", "type": "module", "dependencies": { "prom-client": "15" } }\n',
    'metrics.js': `${declarations.join('\n')}\n`,
    'main.js': `${uses.join('\n')}\n`,
  };
}

/**
 * All samples as text, in any order. Of metrics that stay, `fromRegistry` writes labels that are missing as '', which is the same series to Prometheus.
 */
function samples(text: string, moved: ReadonlySet<string>): string[] {
  const bound = (label: string, of: string): string =>
    label === 'le' ? String(Number(of.replace('+Inf', 'Infinity'))) : of;
  return parseText(text)
    .filter(({ name }) => name.startsWith('test_'))
    .flatMap(({ name: family, kind, help, samples: all }) =>
      all.map(({ name, labels, value: is }) => {
        const own = Object.entries(labels)
          .filter(([, of]) => moved.has(family) || of !== '')
          .map(([label, of]) => [label, bound(label, of)]);
        return `${kind} ${family} ${help} ${name} ${JSON.stringify(own.sort())} ${is}`;
      }),
    )
    .sort();
}

it('any application shows the same numbers after the migration', async () => {
  let moved = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(metric, { minLength: 30, maxLength: 40 }), async (metrics) => {
      await mkdir(join(home, 'dist'), { recursive: true });
      const folder = await mkdtemp(join(home, 'dist/random-'));
      try {
        for (const [path, text] of Object.entries(application(metrics))) await writeFile(join(folder, path), text);
        const run = async (): Promise<string> => (await exec(process.execPath, [join(folder, 'main.js')])).stdout;
        const before = await run();
        const { code, out } = await cli(folder, 'migrate', 'prom-client', '--allow-dirty', '--json');
        expect(code).toBe(0);
        const names = new Set<string>(JSON.parse(out).moved.map((each: { name: string }) => each.name));
        moved += names.size;
        expect(samples(await run(), names)).toEqual(samples(before, names));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 2, endOnFailure: true },
  );
  expect(moved).toBeGreaterThan(20);
}, 600_000);
