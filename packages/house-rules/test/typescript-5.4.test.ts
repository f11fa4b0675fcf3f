import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const path = (from: string): string => fileURLToPath(new URL(from, import.meta.url));

it.each([
  ['nodenext', 'tsconfig.json'],
  ['bundler', 'tsconfig.bundler.json'],
])(
  'the types that are published compile under TypeScript 5.4 as %s, and wrong calls do not',
  async (_, config) => {
    const tsc = path('../node_modules/typescript-5.4/bin/tsc');
    const run = promisify(execFile)(process.execPath, [tsc, '-p', path(`./typescript-5.4/${config}`), '--listFiles']);
    const { stdout } = await run.catch((failed: { stdout: string }) => failed);
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => /error TS/.test(line))).toEqual([]);
    // Those of the build, not the sources.
    const own = lines.filter((line) => /\/packages\/(exporter-kit|collector-)/.test(line));
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter((line) => !/\/dist\/.*\.d\.ts$/.test(line))).toEqual([]);
    for (const name of ['exporter-kit', 'collector-host', 'collector-postgres', 'collector-redis']) {
      expect(own).toContainEqual(expect.stringContaining(`/packages/${name}/dist/index.d.ts`));
    }
  },
  180_000,
);
