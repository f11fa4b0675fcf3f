import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPeer, needPeers, startProgram } from 'test-servers';
import { expect, it, onTestFinished, vi } from 'vitest';
import { fileOf } from './web/made.ts';

const exporter = fileURLToPath(new URL('programs/configured.mjs', import.meta.url));

/** A socket as systemd makes one: prints each message, as JSON, a line for each. */
const receiver = `
import json, socket, sys
receiving = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiving.bind(sys.argv[1].replace('@', '\\0'))
print('bound', flush=True)
while True:
    print(json.dumps(receiving.recv(4096).decode().strip().split('\\n')), flush=True)
`;

async function systemd(address: string) {
  const program = await startProgram(['-c', receiver, address], { command: findPeer('python')!, until: /bound/ });
  onTestFinished(async () => void (await program.stop('SIGKILL')));
  /** All messages but those by which systemd-notify waits until it is heard. */
  const heard = (): string[][] =>
    program
      .output()
      .split('\n')
      .slice(1)
      .filter((line) => line.startsWith('[') && line.endsWith(']'))
      .map((line) => JSON.parse(line) as string[])
      .filter(([first]) => first !== 'BARRIER=1');
  return { heard, saw: (line: string): boolean => heard().flat().includes(line) };
}

/** Waits, long enough for a busy machine. */
const until = (ok: () => boolean) => vi.waitFor(() => expect(ok()).toBe(true), { timeout: 50_000, interval: 10 });

async function start(env: { readonly [name: string]: string }, ...args: readonly string[]) {
  const PATH = `${dirname(findPeer('systemd-notify') ?? '')}:${process.env.PATH}`;
  const listen = '--web.listen-address=127.0.0.1:0';
  const program = await startProgram([exporter, listen, ...args], { env: { PATH, ...env }, until: /address=(\S+)/ });
  onTestFinished(async () => void (await program.stop('SIGKILL')));
  return program;
}

const installed = needPeers('python-client', 'systemd-notify');

it.runIf(installed).each(['path', 'abstract'])(
  'tells systemd when it is ready, reloads and stops, by a socket: %s',
  async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), 'notify-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const address = kind === 'path' ? join(folder, 'notify') : `@${folder}/notify`;
    const { heard, saw } = await systemd(address);
    const program = await start({ NOTIFY_SOCKET: address }, `--config.file=${fileOf('log: { level: info }\n')}`);
    await until(() => saw('READY=1'));
    expect(heard()).toEqual([['READY=1', `STATUS=listening on ${program.match[1]}`]]);
    process.kill(program.pid, 'SIGHUP');
    await until(() => heard().length === 3);
    const [reloading, ready] = heard().slice(1);
    expect(reloading).toEqual(['RELOADING=1', expect.stringMatching(/^MONOTONIC_USEC=\d+$/)]);
    const sent = BigInt(reloading![1]!.split('=')[1]!);
    const now = process.hrtime.bigint() / 1000n;
    expect(sent < now && sent > now - 60_000_000n).toBe(true);
    expect(ready).toEqual(['READY=1']);
    expect((await program.stop()).code).toBe(0);
    await until(() => heard().length === 4);
    expect(heard().at(-1)).toEqual(['STOPPING=1']);
  },
);

it.runIf(installed)('feeds the watchdog while its event loop is alive, and only its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'notify-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [own, others] = [join(folder, 'own'), join(folder, 'others')];
  const [mine, theirs] = [await systemd(own), await systemd(others)];
  const other = await start({ NOTIFY_SOCKET: others, WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' });
  await start({ NOTIFY_SOCKET: own, WATCHDOG_USEC: '100000' });
  await until(() => mine.heard().filter(([first]) => first === 'WATCHDOG=1').length > 2);
  await other.stop();
  await until(() => theirs.saw('STOPPING=1'));
  expect(theirs.saw('WATCHDOG=1')).toBe(false);
});

it('runs all the same where systemd-notify fails, and says so once', async () => {
  const env = { NOTIFY_SOCKET: '/nowhere/notify', WATCHDOG_USEC: '1000000' };
  const program = await start(env, `--config.file=${fileOf('log: { level: info }\n')}`);
  await until(() => program.output().includes('systemd is not told'));
  process.kill(program.pid, 'SIGHUP');
  await until(() => program.output().includes('configuration reloaded'));
  expect((await fetch(`${program.match[1]}-/ready`)).status).toBe(200);
  const { code } = await program.stop();
  expect(code).toBe(0);
  expect(program.output().match(/systemd is not told/g)).toHaveLength(1);
});
