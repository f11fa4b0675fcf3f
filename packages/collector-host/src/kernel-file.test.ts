import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tree } from '../test/fixtures.ts';
import { pauseAfter, readKernelFile } from './kernel-file.ts';

it.each([0, 1, 65_535, 65_536, 65_537, 300_000])(
  'reads a file of %i bytes, and keeps none of it for the next',
  async (size) => {
    const path = join(await tree({ x: '' }), 'x');
    const content = randomBytes(size);
    writeFileSync(path, content);
    const read = readKernelFile(path);
    readKernelFile('/proc/self/status');
    expect(read.equals(content)).toBe(true);
  },
);

it('reads what has no size before it is read', () => {
  expect(readKernelFile('/proc/self/limits')).toEqual(readFileSync('/proc/self/limits'));
});

it('does not wait for a pipe to be written to', async () => {
  const path = join(await tree({}), 'pipe');
  execFileSync('mkfifo', [path]);
  expect(readKernelFile(path)).toHaveLength(0);
});

it('lets the process do something else after each 64 devices', async () => {
  const pauses = Array.from({ length: 130 }, (_, device) => device).filter(
    (device) => pauseAfter(device) !== undefined,
  );
  expect(pauses).toEqual([63, 127]);
});
