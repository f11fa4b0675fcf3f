import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const path = (from: string): string => fileURLToPath(new URL(from, import.meta.url));

it('the types that are published compile under TypeScript 5.4, and wrong calls do not', async () => {
  const tsc = path('../node_modules/typescript-5.4/bin/tsc');
  const run = promisify(execFile)(process.execPath, [tsc, '-p', path('./typescript-5.4'), '--listFiles']);
  const { stdout } = await run.catch((failed: { stdout: string }) => failed);
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => /error TS/.test(line))).toEqual([]);
  // Those of the build, not the sources.
  const own = lines.filter((line) => line.includes('/exporter-kit/'));
  expect(own.length).toBeGreaterThan(50);
  expect(own.filter((line) => !/\/exporter-kit\/dist\/.*\.d\.ts$/.test(line))).toEqual([]);
}, 180_000);
