import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesOf } from './entries.ts';
import { names, packAll, run, succeed } from './pack.ts';

// As a stranger's compiler sees the packages: installed from their tarballs, beside nothing of this repository.

const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
let folder: string;
beforeAll(async () => {
  const packed = await packAll();
  folder = await mkdtemp(join(tmpdir(), 'types-'));
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const tarballs = [...packed.tarballs.values()];
  await succeed(['npm', 'install', ...flags, ...tarballs, 'prom-client@^15.1.3'], folder);
  await packed.remove();
  await mkdir(join(folder, 'compilers'));
  for (const [version, path] of compilers) {
    await symlink(fileURLToPath(new URL(path, import.meta.url)), join(folder, 'compilers', version));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const compilers = [
  ['5.4', '../node_modules/typescript-5.4'],
  ['7', '../../../node_modules/typescript'],
] as const;

const entries = names.flatMap((name) => entriesOf(name).map((entry) => entry.name));

const options = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: false,
  target: 'es2022',
  lib: ['es2023'],
  types: [],
};

/** What the compiler says of a file that imports these entries. */
async function compiled(version: string, resolution: string, imported: readonly string[]): Promise<string> {
  const file = `entry-${randomUUID()}.ts`;
  await writeFile(join(folder, file), imported.map((entry, i) => `export * as e${i} from '${entry}';\n`).join(''));
  const compilerOptions = {
    ...options,
    module: resolution === 'bundler' ? 'esnext' : resolution,
    moduleResolution: resolution,
  };
  await writeFile(join(folder, `${file}.json`), JSON.stringify({ compilerOptions, files: [file] }));
  const tsc = join(folder, 'compilers', version, 'bin/tsc');
  return (await run([process.execPath, tsc, '-p', `${file}.json`], folder)).stdout;
}

it.each(entries)('%s alone brings along all types that it needs', async (entry) => {
  expect(await compiled('7', 'nodenext', [entry])).toBe('');
});

describe.each(['nodenext', 'bundler'])('all entries compile as %s', (resolution) => {
  it('under TypeScript 7', async () => expect(await compiled('7', resolution, entries)).toBe(''));

  it('under TypeScript 5.4, with types of Node that it can read', async () => {
    await succeed(['npm', 'install', ...flags, '@types/node@^20.19'], folder);
    expect(await compiled('5.4', resolution, entries)).toBe('');
  });
});
