import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Family, parseText } from 'exporter-kit/exposition';
import { startProgram } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './bed.ts';

const home = fileURLToPath(new URL('..', import.meta.url));
const compiler = join(home, '../../node_modules/typescript/bin/tsc');
const exec = promisify(execFile);

const config = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    rootDir: 'src',
    outDir: 'out',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    types: ['node'],
  },
  include: ['src'],
};

const shops = {
  'shop-cjs': {
    compiled: false,
    main: 'src/main.js',
    paths: ['/', '/', '/carts/open', '/carts/open', '/carts/shut', '/order/pt/card', '/order/nowhere/cash', '/none'],
    moved: [
      ...['shop_carts', 'shop_job_seconds', 'shop_jobs_done_total', 'shop_orders_total'],
      ...['shop_request_duration_seconds', 'shop_response_size_bytes', 'shop_stock', 'shop_visits'],
    ],
    staying: ['shop_jobs_waiting', 'shop_latency_seconds', 'shop_mails_total'],
  },
  'shop-esm': {
    compiled: true,
    main: 'out/main.js',
    paths: ['/order/pt', '/order/de', '/none'],
    moved: [
      ...['shop_busy', 'shop_checkout_seconds', 'shop_logins_total', 'shop_orders_total', 'shop_request_duration_ms'],
      ...['shop_requests_total', 'shop_stock'],
    ],
    staying: ['shop_odd_total', 'shop_sizes'],
  },
};

/** GET, by a connection of its own. */
const get = (url: URL): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text)).on('error', reject);
    });
    asked.on('error', reject).end();
  });

/** Starts an application, asks it for some pages and for its metrics, and stops it. */
async function exposition(
  folder: string,
  main: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Family>> {
  const program = await startProgram([join(folder, main)], { until: /address=(\S+)/ });
  try {
    for (const path of paths) await get(new URL(path, program.match[1]));
    const families = parseText(await get(new URL('/metrics', program.match[1])));
    return new Map(families.map((family) => [family.name, family]));
  } finally {
    await program.stop();
  }
}

/** A bucket's bound as a number: the kit writes `1.0` where prom-client writes `1`, as OpenMetrics wants. */
const plain = (labels: Readonly<Record<string, string>>): unknown[] =>
  Object.entries(labels)
    .map(([name, value]) => [name, name === 'le' ? String(Number(value.replace('+Inf', 'Infinity'))) : value])
    .sort();

/** Samples as text, in any order; what depends on time is left out. */
function samples(family: Family, untimed: boolean): string[] {
  return family.samples
    .filter(({ name }) => !untimed || name.endsWith('_count'))
    .map(({ name, labels, value }) => `${name} ${JSON.stringify(plain(labels))} ${value}`)
    .sort();
}

const bounds = (family: Family): string[] =>
  [...new Set(family.samples.map(({ labels }) => JSON.stringify(plain({ le: labels.le ?? '' }))))].sort();

describe.each(Object.entries(shops))('%s', (name, { compiled, main, paths, moved, staying }) => {
  let folder = '';
  let before: ReadonlyMap<string, Family>;

  const build = async (): Promise<void> => {
    if (!compiled) return;
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await exec(process.execPath, [compiler, '-p', folder]).catch((error) => {
      throw new Error(`${name} does not compile:\n${error.stdout}`);
    });
  };

  beforeAll(async () => {
    // Below this package, so that its dependencies are found.
    await mkdir(join(home, 'dist'), { recursive: true });
    folder = await mkdtemp(join(home, 'dist/migrate-'));
    await cp(join(home, 'test/migrate', name), folder, { recursive: true });
    await build();
    before = await exposition(folder, main, paths);
  }, 240_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('counts the same after the migration', async () => {
    const { code, out } = await cli(folder, 'migrate', 'prom-client', '--allow-dirty', '--json');
    expect(code).toBe(0);
    const report = JSON.parse(out);
    const names = (list: { name: string }[]): string[] => list.map((each) => each.name).sort();
    expect(names(report.moved)).toEqual(moved);
    expect(names(report.staying)).toEqual(staying);
    await build();
    const after = await exposition(folder, main, paths);
    const own = [...before.keys()].filter((each) => each.startsWith('shop_'));
    expect(own.sort()).toEqual([...moved, ...staying].sort());
    const filled = [...before.values()].filter((each) => each.samples.length > 0).map((each) => each.name);
    expect([...after.keys()]).toEqual(expect.arrayContaining(filled));
    for (const each of own) {
      const [was, is] = [before.get(each)!, after.get(each)!];
      expect({ kind: is.kind, help: is.help }).toEqual({ kind: was.kind, help: was.help });
      const timed = /_seconds$/.test(each);
      expect(samples(is, timed)).toEqual(samples(was, timed));
      expect(bounds(is)).toEqual(bounds(was));
    }
  }, 240_000);

  it('a second time finds nothing more to move', async () => {
    const live = join(folder, `src/live-metrics.${compiled ? 'ts' : 'js'}`);
    const text = await readFile(live, 'utf8');
    const { code, out } = await cli(folder, 'migrate', 'prom-client', '--allow-dirty', '--json');
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ moved: [], changed: [], blocks: [] });
    expect(report.staying).toHaveLength(staying.length);
    expect(await readFile(live, 'utf8')).toBe(text);
  }, 120_000);
});
