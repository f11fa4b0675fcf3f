import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificates, needContainers, needPeers, runProgram, startContained } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileOf, HASH } from './web/made.ts';

const health = fileURLToPath(new URL('../dist/exporter-health.cjs', import.meta.url));
const exporter = fileURLToPath(new URL('programs/exporter.mjs', import.meta.url));

async function healthOf(...args: readonly string[]) {
  const program = await startContained([exporter, ...args], { until: /msg=listening/ });
  const { code, stdout, stderr } = await program.exec([health]);
  await program.stop('SIGKILL');
  return { code, stdout, stderr };
}

const well = { code: 0, stdout: '', stderr: '' };

describe.skipIf(!needContainers()).concurrent('in a container, without arguments', () => {
  it.each<[how: string, args: readonly string[]]>([
    ['a port that the system chose', ['--web.listen-address=127.0.0.1:0']],
    ['all interfaces', ['--web.listen-address=:0']],
    ['all interfaces of IPv4', ['--web.listen-address=0.0.0.0:0']],
    ['IPv6', ['--web.listen-address=[::1]:0']],
    ['two addresses', ['--web.listen-address=127.0.0.1:0', '--web.listen-address=127.0.0.2:0']],
  ])('finds an exporter on %s', async (_, args) => {
    expect(await healthOf(...args)).toEqual(well);
  });

  it('finds a Unix socket, and an address from the config file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'health-'));
    const file = fileOf(`web: { listen-address: ["unix:${folder}/exporter.sock"] }\n`);
    expect(await healthOf(`--config.file=${file}`)).toEqual(well);
    await rm(folder, { recursive: true });
  });

  it('needs no password, even for a path that does', async () => {
    const file = fileOf(`basic_auth_users: { anna: "${HASH}" }\nopen_paths: []\n`);
    expect(await healthOf('--web.listen-address=127.0.0.1:0', `--web.config.file=${file}`)).toEqual(well);
  });

  it.skipIf(!needPeers('openssl')).each(['NoClientCert', 'RequireAndVerifyClientCert'])(
    'speaks TLS, with %s',
    async (auth) => {
      const { server, ca, remove } = await makeCertificates();
      const client = auth === 'NoClientCert' ? '' : `, client_auth_type: ${auth}, client_ca_file: ${ca}`;
      const file = fileOf(`tls_server_config: { cert_file: ${server.cert}, key_file: ${server.key}${client} }\n`);
      expect(await healthOf('--web.listen-address=127.0.0.1:0', `--web.config.file=${file}`)).toEqual(well);
      await remove();
    },
  );

  it('says that nothing listens, or that what does is stuck', async () => {
    const stuck = 'require("net").createServer().listen(0, () => { console.log("up"); for (;;); })';
    const idle = await startContained(['-e', 'setInterval(() => {}, 1e6); console.log("up")'], { until: /up/ });
    const busy = await startContained(['-e', stuck], { until: /up/ });
    const [nothing, silence] = await Promise.all([idle.exec([health]), busy.exec([health])]);
    await Promise.all([idle.stop('SIGKILL'), busy.stop('SIGKILL')]);
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringMatching(/no other program of this user listens/) });
    expect(silence).toMatchObject({ code: 1, stderr: expect.stringMatching(/no answer within 4s/) });
  });
});

describe('with an address', () => {
  async function answering(text: string | undefined): Promise<string> {
    const server: Server = createServer((socket) => {
      socket.on('error', () => {}).once('data', () => (text === undefined ? socket.destroy() : socket.end(text)));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const check = (...args: readonly string[]) => runProgram([health, ...args]);
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  const DOWN = 'HTTP/1.1 503 Service Unavailable\r\n\r\n';

  it.each<[string | undefined, number, RegExp]>([
    [OK, 0, /^$/],
    [DOWN, 1, /^exporter-health: 127\.0\.0\.1:\d+: 503\n$/],
    ['HTTP/1.1 404 Not Found\r\n\r\n', 1, /: 404\n$/],
    ['SSH-2.0-OpenSSH_9.2\r\n', 1, /127\.0\.0\.1:\d+: \S/],
    [undefined, 1, /127\.0\.0\.1:\d+: \S/],
  ])('takes %j for %d', async (text, code, said) => {
    expect(await check(await answering(text))).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(said) });
  });

  it('is content with one of several, and names all that are not well', async () => {
    const [up, down, other] = await Promise.all([answering(OK), answering(DOWN), answering(DOWN)]);
    expect(await check(down, up)).toMatchObject(well);
    expect((await check(down, other)).stderr).toBe(`exporter-health: ${down}: 503; ${other}: 503\n`);
  });

  it('says what is wrong with its arguments', async () => {
    expect(await check('9100')).toMatchObject({ code: 1, stderr: expect.stringMatching(/"9100" is not an address/) });
    expect(await check('--port=1')).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^Usage: exporter-health/),
    });
    expect(await check('--help')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: exporter-health/) });
  });
});

it('loads nothing but what opens a socket and reads a file', async () => {
  const { code, stdout } = await runProgram([
    '--input-type=module',
    '-e',
    `process.on('exit', () => console.log(process.moduleLoadList.filter((one) => /NativeModule (http|https|tls|crypto|_http_client)$/.test(one)).join()));
     process.argv = [process.argv[0], 'health', 'unix:/nowhere'];
     await import(${JSON.stringify(health)});`,
  ]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '\n' });
  expect((await readFile(health)).length).toBeLessThan(8192);
});
