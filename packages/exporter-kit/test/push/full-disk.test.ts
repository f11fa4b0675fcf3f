import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { folder } from './memory.ts';

const script = fileURLToPath(new URL('../programs/job.mjs', import.meta.url));

/** Runs a shell command where `$1` is a file system of 64 kB, seen by nobody else. */
const onSmallDisk = (directory: string, command: string) =>
  runProgram(
    [
      '-rm',
      'sh',
      '-c',
      `mount -t tmpfs -o size=64k tmpfs "$1" && ${command}`,
      'sh',
      directory,
      process.execPath,
      script,
    ],
    { command: 'unshare' },
  );

const works =
  process.platform === 'linux' &&
  (await runProgram(['-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt'], { command: 'unshare' }).then(
    ({ code }) => code === 0,
    () => false,
  ));
if (!works) console.warn('SKIPPED: a full disk needs unshare and the right to mount in a namespace of its own');

describe.skipIf(!works)('a full disk', () => {
  it('is told, and leaves the last result whole and no other file', async () => {
    const top = await folder();
    const disk = join(top, 'disk');
    await mkdir(disk);
    await writeFile(join(top, 'noise'), 'x');
    const { stdout, stderr, code } = await onSmallDisk(
      disk,
      [
        '"$2" "$3" --push.textfile="$1"',
        'cp "$1"/*.prom "$1/../before"',
        'dd if=/dev/zero of="$1/filler" bs=1k count=100 2>/dev/null',
        '"$2" "$3" --push.textfile="$1"',
        'echo "ended with $?"',
        'cmp "$1"/*.prom "$1/../before"',
        'ls -A "$1"',
      ].join('; '),
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/level=error .*(no space left|ENOSPC)/i);
    expect(stdout.match(/ended with (\d+)/)?.[1]).toBe('0');
    const left = stdout
      .split('\n')
      .slice(1)
      .filter((name) => name !== '');
    expect(left.filter((name) => name !== 'filler')).toEqual([expect.stringMatching(/\.prom$/)]);
  });
});
