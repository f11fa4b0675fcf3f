import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// Each folder imports only from folders below it; CONTRIBUTING.md has the table.
const floors = [
  ['errors', 'time'],
  ['metric', 'yaml', 'client', 'disk'],
  ['collect', 'prom-client', 'live'],
  ['encode', 'parse', 'node-runtime', 'http'],
  ['serve/answer'],
  ['probe', 'views'],
  ['serve', 'push'],
  ['run'],
  ['index.ts', 'testing'],
  ['exporter-push', 'exporter-health'],
] as const;
// The generator's floors: from reading the disk to a plan, and from a plan to the commands that carry it out.
const generatorFloors = [
  ['user-error.ts', 'progress.ts', 'merge', 'names'],
  ['json-file.ts', 'disk'],
  ['git.ts'],
  ['project'],
  ['templates'],
  ['workspace'],
  ['ask'],
  ['plan'],
  ['migrate'],
  ['commands', 'scaffold.ts'],
  ['cli.ts', 'index.ts'],
  ['bin.ts'],
] as const;
// Folders on one floor that may import each other, and in which direction.
const sideways = ['prom-client>collect', 'live>collect'];

const root = fileURLToPath(new URL('../../..', import.meta.url));
const kit = join(root, 'packages/exporter-kit/src');

interface Import {
  readonly file: string;
  readonly from: string;
  /** Removed by the compiler: `import type`, or only names marked `type`. */
  readonly typeOnly: boolean;
}

/** All sources without tests, as paths from the root. */
const sources = ['packages', 'apps', 'templates']
  .flatMap((top) => readdirSync(join(root, top)).map((name) => join(top, name, 'src')))
  .flatMap((folder) => {
    try {
      return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));

const imports: readonly Import[] = sources.flatMap((file) => {
  const code = readFileSync(join(root, file), 'utf8');
  const found = code.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...found].map((match) => ({
    file,
    from: (match[1] ?? match[2] ?? match[3])!,
    typeOnly: /^(import|export) (type\b|\{(\s*type\b[^,}]*,?)+\s*\} from)/.test(match[0]),
  }));
});

/** The first folder or file below the kit's `src`; `serve/answer` is a floor of its own. */
function place(path: string): string {
  const below = relative(kit, path);
  return below.startsWith('serve/answer/') ? 'serve/answer' : below.split('/')[0]!;
}

const inKit = imports.filter(({ file }) => join(root, file).startsWith(`${kit}/`));
const said = ({ file, from }: Import): string => `${file} imports ${from}`;

describe('inside the kit', () => {
  it('has a floor for every place', () => {
    const places = new Set(
      sources
        .map((file) => join(root, file))
        .filter((file) => file.startsWith(`${kit}/`))
        .map(place),
    );
    expect([...places].sort()).toEqual(floors.flat().sort());
  });

  it('imports go down', () => {
    const floor = (name: string): number => floors.findIndex((names) => (names as readonly string[]).includes(name));
    const upward = inKit.filter(({ file, from }) => {
      if (!from.startsWith('.')) return false;
      const [here, there] = [place(join(root, file)), place(resolve(dirname(join(root, file)), from))];
      return here !== there && floor(there) >= floor(here) && !sideways.includes(`${here}>${there}`);
    });
    expect(upward.map(said)).toEqual([]);
  });

  it('only prom-client/ imports prom-client', () => {
    const others = inKit.filter(
      ({ file, from }) => /prom-client|prometheus-io\/client/.test(from) && !file.includes('/src/prom-client/'),
    );
    expect(others.map(said)).toEqual([]);
  });

  const io = /^node:(fs|net|http|https|tls|dns|child_process|worker_threads|process|stream)/;

  it('encode does no input or output', () => {
    expect(inKit.filter(({ file, from }) => file.includes('/encode/') && io.test(from)).map(said)).toEqual([]);
  });

  it('views knows neither disk nor network, and is loaded only when it is asked for', () => {
    const inViews = ({ file }: Import): boolean => file.includes('/src/views/');
    expect(inKit.filter((one) => inViews(one) && io.test(one.from)).map(said)).toEqual([]);
    const users = inKit.filter(
      ({ file, from, typeOnly }) =>
        !typeOnly && /\/views\//.test(from) && !/\/src\/(views|run\/views|testing)\//.test(file),
    );
    const code = (file: string): string => readFileSync(join(root, file), 'utf8');
    expect(users.filter(({ file, from }) => !code(file).includes(`import('${from}')`)).map(said)).toEqual([]);
  });

  it('only run handles signals and exit codes, and uses pino and zod', () => {
    const words = /process\.((on|once)\b(?!\('(worker|exit)')|exit\b|exitCode\b)|'(pino|zod)'/;
    const users = sources.filter(
      (file) => file.startsWith('packages/exporter-kit/src/') && words.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(users.filter((file) => !/\/src\/(run|exporter-push|exporter-health)\//.test(file))).toEqual([]);
  });
});

describe('inside the generator', () => {
  const generator = join(root, 'packages/create-exporter/src');
  const step = (path: string): string => relative(generator, path).split('/')[0]!;
  const inside = sources.map((file) => join(root, file)).filter((file) => file.startsWith(`${generator}/`));

  it('has a floor for every place', () => {
    expect([...new Set(inside.map(step))].sort()).toEqual(generatorFloors.flat().sort());
  });

  it('imports go down', () => {
    const floor = (name: string): number =>
      generatorFloors.findIndex((names) => (names as readonly string[]).includes(name));
    const upward = imports.filter(({ file, from }) => {
      if (!from.startsWith('.') || !inside.includes(join(root, file))) return false;
      const [here, there] = [step(join(root, file)), step(resolve(dirname(join(root, file)), from))];
      return here !== there && floor(there) >= floor(here);
    });
    expect(upward.map(said)).toEqual([]);
  });
});

describe('between packages', () => {
  it('no package imports from the folder of another', () => {
    const reaching = imports.filter(({ file, from }) => {
      if (!from.startsWith('.')) return false;
      const home = file.split('/').slice(0, 2).join('/');
      return !relative(root, resolve(dirname(join(root, file)), from)).startsWith(`${home}/`);
    });
    expect(reaching.map(said)).toEqual([]);
  });

  it('the generator does not import the kit, and only the demo imports the generator', () => {
    const wrong = imports.filter(
      ({ file, from }) =>
        (file.startsWith('packages/create-exporter/') && /^(exporter-kit|collector-|prom-client)/.test(from)) ||
        (from.startsWith('create-exporter') && !file.startsWith('apps/demo/')),
    );
    expect(wrong.map(said)).toEqual([]);
  });

  it('main.ts of an app or template is at most 20 lines', () => {
    const mains = sources.filter(
      (file) => /^(apps|templates)\/[^/]+\/src\/main\.ts$/.test(file) && !file.startsWith('apps/demo/'),
    );
    const long = mains.filter((file) => readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length > 20);
    expect(mains.length).toBeGreaterThan(3);
    expect(long).toEqual([]);
  });
});

it('imports have no cycles, except of types', () => {
  const next = new Map<string, string[]>();
  for (const { file, from, typeOnly } of imports) {
    if (typeOnly || !from.startsWith('.')) continue;
    next.set(file, [...(next.get(file) ?? []), relative(root, resolve(dirname(join(root, file)), from))]);
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const follow = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' > '));
    if (done.has(file) || way.includes(file)) return;
    for (const to of next.get(file) ?? []) follow(to, [...way, file]);
    done.add(file);
  };
  for (const file of next.keys()) follow(file, []);
  expect(circles).toEqual([]);
});

it('no folder is called utils', () => {
  expect(sources.filter((file) => /\/(utils?|helpers?|misc|common)(\/|\.ts$)/.test(file))).toEqual([]);
});
