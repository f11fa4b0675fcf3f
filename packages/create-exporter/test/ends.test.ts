import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../dist/bin.js', import.meta.url));

it.each([['list'], ['scrape-exporter', '--name=acme-queue', '--yes', '--dry-run'], ['--help']])(
  'ends as if read, when its reader is gone: %s %s',
  async (...args) => {
    const child = spawn(process.execPath, [program, ...args]);
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    const [code] = await once(child, 'close');
    expect({ code, said }).toEqual({ code: 0, said: '' });
  },
);
