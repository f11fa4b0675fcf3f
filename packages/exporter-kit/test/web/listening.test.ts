import { once } from 'node:events';
import { existsSync, mkdtempSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPeer, needPeers, runProgram, startProgram } from 'test-servers';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { exporter, type ServeOptions, type Serving, serve } from '../../src/index.ts';
import { counting, waiting } from '../serving.ts';
import { askOnce } from './ask.ts';

const folder = mkdtempSync(join(tmpdir(), 'listening-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
let paths = 0;
const path = (): string => join(folder, `${paths++}.sock`);

const open: Serving[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close(0)));
});
async function served(address: string | readonly string[], also: ServeOptions = {}): Promise<Serving> {
  const made = exporter({ name: 'test_exporter', collectors: [counting('c').made] });
  const server = await serve(made, { ...also, address });
  open.push(server);
  return server;
}
const over = async (socketPath: string): Promise<number | 'refused'> =>
  (await askOnce('http://localhost/metrics', { socketPath })).status;

describe('several addresses', () => {
  it('serve the same', async () => {
    const socket = path();
    const { url, urls, close } = await served(['127.0.0.1:0', 'localhost:0', `unix:${socket}`]);
    expect(urls).toEqual([url, expect.stringMatching(/^http:\/\/localhost:\d+\/$/), `unix:${socket}`]);
    for (const one of urls.slice(0, 2)) expect((await askOnce(`${one}metrics`)).status).toBe(200);
    expect((await askOnce('http://localhost/metrics', { socketPath: socket })).text).toContain('c_value 3');
    await close();
    expect(existsSync(socket)).toBe(false);
    for (const one of urls.slice(0, 2)) expect((await askOnce(`${one}metrics`)).status).toBe('refused');
  });

  it('are all or none', async () => {
    const { url } = await served('127.0.0.1:0');
    const [socket, taken] = [path(), new URL(url).host];
    await expect(served([`unix:${socket}`, taken])).rejects.toThrow(
      `cannot listen on ${taken}: address already in use; stop the other program or choose another address.`,
    );
    expect(existsSync(socket)).toBe(false);
  });

  it('share the drain', async () => {
    const slow = waiting('slow');
    const server = await serve(exporter({ name: 'test_exporter', collectors: [slow.made] }), {
      address: ['127.0.0.1:0', '127.0.0.1:0'],
    });
    const requests = server.urls.map((url) => askOnce(`${url}metrics`));
    await slow.started;
    const closed = server.close();
    slow.go();
    // The second may have been on its way still.
    const [first] = await Promise.all(requests);
    expect(first?.status).toBe(200);
    await closed;
  });
});

describe('a socket in the file system', () => {
  it('is for the user and the group, unless other permissions are given', async () => {
    const [usual, open_] = [path(), path()];
    await served(`unix:${usual}`);
    await served(`unix:${open_}`, { socketMode: 0o666 });
    expect([usual, open_].map((file) => statSync(file).mode & 0o777)).toEqual([0o660, 0o666]);
    expect(await over(open_)).toBe(200);
  });

  it('takes the place of one whose program is dead, and of no other', async () => {
    const socket = path();
    const script = `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await runProgram(['-e', script]);
    expect(existsSync(socket)).toBe(true);
    await served(`unix:${socket}`);
    expect(await over(socket)).toBe(200);
    await expect(served(`unix:${socket}`)).rejects.toThrow(/address already in use/);
    expect(await over(socket)).toBe(200);
    const file = path();
    await writeFile(file, 'precious');
    await expect(served(`unix:${file}`)).rejects.toThrow(
      `cannot listen on unix:${file}: the file exists and is not a socket; choose another path.`,
    );
    expect(statSync(file).size).toBe(8);
    await expect(served('unix:/nowhere/x.sock')).rejects.toThrow(/cannot listen on unix:\/nowhere\/x.sock/);
  });
});

describe('connections', () => {
  it('above the most close the one that has been idle longest, and never one that waits', async () => {
    const slow = waiting('slow');
    const made = exporter({ name: 'test_exporter', collectors: [slow.made] });
    const warned: string[] = [];
    const quiet = () => {};
    const log = { debug: quiet, info: quiet, error: quiet, warn: (_: object, said: string) => void warned.push(said) };
    const server = await serve(made, { maxConnections: 20, log });
    open.push(server);
    const busy = askOnce(`${server.url}metrics`);
    await slow.started;
    const { port } = new URL(server.url);
    const idle = [];
    for (let i = 0; i < 60; i++) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      await once(socket, 'connect');
      idle.push(socket);
    }
    expect((await askOnce(`${server.url}-/healthy`)).status).toBe(200);
    expect(idle[0]?.destroyed).toBe(true);
    slow.go();
    expect((await busy).status).toBe(200);
    expect(warned).toEqual([expect.stringMatching(/^too many connections; .*--web\.max-connections/)]);
    for (const socket of idle) socket.destroy();
  });

  it.each(['/-/healthy', '/metrics'])(
    'that wait for %s and more are not idle before the last answer',
    async (target) => {
      const slow = waiting('slow');
      const server = await serve(exporter({ name: 'test_exporter', collectors: [slow.made] }), {});
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      let got = '';
      socket.on('data', (part) => {
        got += part;
      });
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n`);
      await slow.started;
      const closed = server.close();
      slow.go();
      await Promise.all([closed, once(socket, 'close')]);
      expect(got.match(/HTTP\/1.1 200/g)?.length).toBe(2);
    },
  );
});

const script = fileURLToPath(new URL('../programs/exporter.mjs', import.meta.url));

describe('as a process', () => {
  it('listens on each address that a flag names', async () => {
    const socket = path();
    const flags = ['--web.listen-address=127.0.0.1:0', `--web.listen-address=unix:${socket}`, '--web.socket-mode=600'];
    const program = await startProgram([script, ...flags], { until: /address=unix:/ });
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(await over(socket)).toBe(200);
    expect((await program.stop()).code).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  it.skipIf(!needPeers('python-client'))('takes over the sockets that systemd hands it', async () => {
    // What systemd does: sockets from 3 on, and who they are for.
    const handOver = `
import os, socket, sys
sockets = [socket.socket(), socket.socket(socket.AF_UNIX)]
sockets[0].bind(('127.0.0.1', 0))
sockets[1].bind(sys.argv[1])
for i, one in enumerate(sockets):
    one.listen()
    os.dup2(one.fileno(), 13 + i)
for i in range(2):
    os.dup2(13 + i, 3 + i)
os.environ.update(LISTEN_FDS='2', LISTEN_PID=str(os.getpid() + int(sys.argv[2])))
os.execv(sys.argv[3], sys.argv[3:])
`;
    const start = (socket: string, off: number) =>
      [
        ['-c', handOver, socket, String(off), process.execPath, script, '--web.systemd-socket'],
        { command: findPeer('python')! },
      ] as const;
    const socket = path();
    const [args, options] = start(socket, 0);
    const program = await startProgram(args, { ...options, until: /address=(http\S+)[\s\S]*address=fd:4/ });
    expect((await askOnce(`${program.match[1]}metrics`)).status).toBe(200);
    expect(await over(socket)).toBe(200);
    expect((await program.stop()).code).toBe(0);
    const wrong = start(path(), 1);
    expect(await runProgram(...wrong)).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^test_exporter: --web.systemd-socket: the sockets are for process \d+, .*\n$/),
    });
    expect(await runProgram([script, '--web.systemd-socket'])).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/systemd has passed no socket; start the service from a .socket unit/),
    });
  });

  it('does not start with a broken web configuration, and says why in one line', async () => {
    const file = path();
    await writeFile(file, 'basic_auth_users:\n  alice: hunter2\n');
    const { code, stderr } = await runProgram([
      script,
      '--web.listen-address=127.0.0.1:0',
      `--web.config.file=${file}`,
    ]);
    expect(stderr).toMatch(new RegExp(`^test_exporter: ${file}:2: basic_auth_users.alice: is not a bcrypt hash.*\\n$`));
    expect(stderr).not.toContain('hunter2');
    expect(code).toBe(1);
  });

  it('tells of its web configuration', async () => {
    const file = path();
    await writeFile(file, 'rate_limit: {interval: 1ms, burst: 100}\n');
    const program = await startProgram([script, '--web.listen-address=127.0.0.1:0', `--web.config.file=${file}`], {
      until: /msg=listening address=(\S+)/,
    });
    const metrics = async (): Promise<string> => (await askOnce(`${program.match[1]}metrics`)).text;
    expect(await metrics()).toContain('\ntest_web_config_last_reload_successful 1\n');
    await writeFile(file, 'rate_limit: {interval: 1ms, burst: 100}\nnonsense: 1\n');
    expect(await metrics()).toContain('\ntest_web_config_last_reload_successful 0\n');
    const { code, stderr } = await program.stop();
    expect(stderr).toMatch(
      /msg="web configuration is invalid; the last good one stays in effect" .*nonsense: is unknown/,
    );
    expect(code).toBe(0);
  });
});

it('is asked over a socket as over a port', async () => {
  const socket = path();
  await served(`unix:${socket}`, { web: { rate_limit: { interval: '1h', burst: 1 } } });
  // All who come over a socket are one client.
  const req = request({ socketPath: socket, path: '/metrics', agent: false }).end();
  const [res] = await once(req, 'response');
  res.resume();
  expect(res.statusCode).toBe(200);
  expect(await over(socket)).toBe(429);
});
