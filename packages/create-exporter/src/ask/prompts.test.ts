import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { cli, workspace } from '../../test/bed.ts';
import { main } from '../cli.ts';

vi.setConfig({ testTimeout: 30_000 });

const root = fileURLToPath(new URL('../../../..', import.meta.url));
/** From the first to the last, which is the scrape template. */
const up = '\u001b[A';

/** A person at a terminal: types each text once the screen shows what it waits for. */
async function person(args: string[], ...typed: [waitsFor: string, text: string | null][]) {
  return personIn(root, args, ...typed);
}

async function personIn(cwd: string, args: string[], ...typed: [waitsFor: string, text: string | null][]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  // Like a process's own, it can't be ended.
  const stdout = Object.assign(new PassThrough(), { isTTY: true, end() {} });
  const stderr = new PassThrough();
  let screen = '';
  stdout.on('data', (chunk) => {
    screen += chunk;
  });
  const done = main([...args, '--dry-run'], { stdin, stdout, stderr, cwd });
  for (const [waitsFor, text] of typed) {
    await vi.waitFor(() => expect(screen).toContain(waitsFor), { timeout: 50_000 });
    screen = '';
    if (text === null) stdin.end();
    else stdin.write(text);
  }
  const code = await done;
  return { code, screen, err: String(Buffer.concat(await stderr.end().toArray())) };
}

it('asks for everything that is missing', async () => {
  const { code, screen } = await person(
    [],
    ['  scraped exporter', `${up}\r`],
    ['Name', 'acme-queue\r'],
    ['title', '\r'],
    ['Owner', 'ops\r'],
    ['Port', '\r'],
    ['Deployment', '\r'],
  );
  expect(code).toBe(0);
  expect(screen).toMatch(/Would write apps\/acme-queue-exporter: \d+ files, port 19\d+/);
});

it('asks only for what is missing', async () => {
  const { code, screen } = await person(
    ['push-job', '--name=acme-queue', '--owner=', '--deploy=none'],
    ['title', '\r'],
  );
  expect(code).toBe(0);
  expect(screen).toContain('Would write apps/acme-queue-job');
});

it('does not accept a bad answer', async () => {
  const { code } = await person(
    ['push-job', '--title=A', '--owner=', '--deploy=none'],
    ['Name', '2fa\r'],
    ['is not kebab-case', '\u007f\u007f\u007ftwofa\r'],
  );
  expect(code).toBe(0);
});

it.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
  ['a closed terminal', null],
])('ends quietly on %s', async (_, key) => {
  const listeners = process.listenerCount('exit');
  for (const [args, question] of [
    [[], 'Which template?'],
    [['push-job'], 'Name'],
  ] as const) {
    const { code, err, screen } = await person([...args], [question, key]);
    expect({ code, err }).toEqual({ code: 130, err: '\nCancelled; nothing was written.\n' });
    expect(screen.lastIndexOf('\u001b[?25h')).toBeGreaterThan(screen.lastIndexOf('\u001b[?25l'));
  }
  expect(process.listenerCount('exit')).toBe(listeners);
  expect(existsSync(`${root}/apps/acme-queue-job`)).toBe(false);
});

it('asks what shall be added, and where', async () => {
  const bed = await workspace();
  await cli(bed, 'scrape-exporter', '--name=broker', '--yes', '--no-install');
  const { code, screen } = await personIn(
    bed,
    ['add'],
    ['Add to which project?', '\r'],
    ['What do you want to add?', '\r'],
    ['Name', 'queues\r'],
    ['title', '\r'],
  );
  expect(code).toBe(0);
  expect(screen).toContain('Would add collector queues to apps/broker-exporter:');
});
