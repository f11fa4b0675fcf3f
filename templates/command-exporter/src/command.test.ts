import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { outputOf } from './command.ts';

const node = (code: string, ...args: string[]) => [process.execPath, '-e', code, '--', ...args];

it('returns standard output, without standard error', async () => {
  const code = 'console.log(process.argv[1]); console.error("careful")';
  expect(await outputOf(node(code, 'a b'), new AbortController().signal)).toBe('a b\n');
});

it('starts nothing if the signal has aborted', async () => {
  await expect(outputOf(['/no/such/program'], AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
});

it('kills a program that hangs, with its child processes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'acme-widget-'));
  const sign = join(folder, 'started');
  const second = "require('fs').writeFileSync(process.argv[1], ''); setInterval(() => {}, 1e6)";
  const first = `
    const args = ['-e', ${JSON.stringify(second)}, '--', process.argv[1]];
    require('child_process').spawn(process.execPath, args, { stdio: 'inherit' });`;
  const controller = new AbortController();
  const output = outputOf(node(first, sign), controller.signal);
  await vi.waitFor(() => expect(existsSync(sign)).toBe(true), { timeout: 50_000 });
  controller.abort(new Error('the scrape is over'));
  // It waits until all child processes have closed the pipe.
  await expect(output).rejects.toThrow('the scrape is over');
  await rm(folder, { recursive: true });
});
