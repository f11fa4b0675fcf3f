import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { needPeers, runProgram, until } from 'test-servers';
import { afterAll, describe, expect, it } from 'vitest';
import { exporter, type ServeOptions, serve } from '../../src/index.ts';
import { valueIn } from '../get.ts';
import { later } from '../later.ts';
import { counting, heard, many, serving, waiting } from '../serving.ts';
import { askOnce } from './ask.ts';
import { fileOf, pki } from './made.ts';

const here = needPeers('openssl');
const certs = here ? await pki() : undefined;
afterAll(() => certs?.remove());

const authority = certs?.authority ?? '';
const web = (more = '', { cert, key } = certs!.server): string =>
  `tls_server_config:\n  cert_file: ${cert}\n  key_file: ${key}\n${more}`;
const served = (config: string, also: ServeOptions = {}): Promise<string> =>
  serving([counting('c').made], { ...also, web: fileOf(config) });
const shown = async (url: string, ca = authority): Promise<string | undefined> =>
  (await askOnce(url, { ca, checkServerIdentity: () => undefined })).fingerprint;
const print = async (file: string): Promise<string> => new X509Certificate(await readFile(file)).fingerprint256;

async function paths(): Promise<{ cert: string; key: string }> {
  const [cert, key] = [fileOf(''), fileOf('')];
  await copyFile(certs!.server.cert, cert);
  await copyFile(certs!.server.key, key);
  return { cert, key };
}

describe.skipIf(!here)('a certificate', () => {
  it('is the new one at the next connection once its files are replaced', async () => {
    const { cert, key } = await paths();
    const url = await served(web('', { cert, key }));
    expect(await shown(url)).toBe(await print(certs!.server.cert));
    await copyFile(certs!.elsewhere.cert, cert);
    await copyFile(certs!.elsewhere.key, key);
    expect(await shown(url)).toBe(await print(certs!.elsewhere.cert));
  });

  it('is the new one when a link to it is turned, as Kubernetes does', async () => {
    const [cert, key] = [fileOf(''), fileOf('')];
    const turn = async (to: { cert: string; key: string }): Promise<void> => {
      for (const [link, file] of [
        [cert, to.cert],
        [key, to.key],
      ] as const) {
        await unlink(link);
        await symlink(file, link);
      }
    };
    await turn(certs!.server);
    const url = await served(web('', { cert, key }));
    await turn(certs!.elsewhere);
    expect(await shown(url)).toBe(await print(certs!.elsewhere.cert));
  });

  it('stays while what takes its place is broken', async () => {
    const { cert, key } = await paths();
    const { said, log } = heard();
    const url = await served(web('', { cert, key }), { log });
    const before = await shown(url);
    for (const broken of ['', 'nonsense', await readFile(certs!.elsewhere.cert, 'utf8')]) {
      await writeFile(cert, broken);
      expect(await shown(url)).toBe(before);
    }
    await unlink(cert);
    expect(await shown(url)).toBe(before);
    expect(
      said
        .filter(({ level }) => level === 'error')
        .map(({ facts }) => String(facts.err).split(': ').slice(1).join(': ')),
    ).toEqual([
      `tls_server_config.cert_file: ${cert} has no PEM certificate.`,
      `tls_server_config.cert_file: ${cert} has no PEM certificate.`,
      `tls_server_config.key_file: ${key} does not match the certificate.`,
      `tls_server_config.cert_file: cannot read ${cert}: no such file.`,
    ]);
    await copyFile(certs!.elsewhere.cert, cert);
    await copyFile(certs!.elsewhere.key, key);
    expect(await shown(url)).toBe(await print(certs!.elsewhere.cert));
  });

  it('stays while reading what takes its place hangs, and only the first waits', async () => {
    const { cert, key } = await paths();
    const url = await served(web('', { cert, key }));
    const before = await shown(url);
    // Opening a pipe that nobody writes to blocks for good.
    await unlink(cert);
    expect((await runProgram([cert], { command: 'mkfifo' })).code).toBe(0);
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const since = performance.now();
      expect(await shown(url)).toBe(before);
      times.push(performance.now() - since);
    }
    const [first = 0, ...others] = times.sort((a, b) => b - a);
    expect(others.reduce((sum, ms) => sum + ms)).toBeLessThan(3 * first);
    await writeFile(cert, await readFile(certs!.server.cert));
    await unlink(cert);
    await copyFile(certs!.elsewhere.cert, cert);
    await copyFile(certs!.elsewhere.key, key);
    const turned = async (): Promise<true | undefined> =>
      (await shown(url)) === (await print(certs!.elsewhere.cert)) ? true : undefined;
    await until('the new certificate', turned, 50_000);
  });

  it('that expires is told of', async () => {
    const { said, log } = heard();
    await served(web(), { log });
    // Made for a day.
    expect(said.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'the TLS certificate expires within a week; replace the file; no restart is needed'],
    ]);
  });
});

describe.skipIf(!here)('TLS', () => {
  it('stays when the file no longer asks for it, and is told to need a restart', async () => {
    const file = fileOf(web());
    const { said, log } = heard();
    const url = await serving([counting('c').made], { web: file, log });
    await writeFile(file, '');
    expect((await askOnce(url, { ca: authority })).status).toBe(200);
    expect((await askOnce(url.replace('https', 'http'))).status).toBe(400);
    expect(said.find(({ level }) => level === 'error')?.facts.err).toBe(
      `${file}: turning TLS or http2 on or off needs a restart.`,
    );
  });

  it('asks for clients’ certificates from the next connection on, once the file does', async () => {
    const file = fileOf(web());
    const url = await serving([counting('c').made], { web: file });
    // Its session could be resumed, and must not.
    const agent = new Agent({ keepAlive: false, maxCachedSessions: 10, ca: authority });
    expect((await askOnce(url, { agent })).status).toBe(200);
    await writeFile(file, web(`  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ${certs!.ca}\n`));
    expect((await askOnce(url, { agent })).status).toBe('refused');
    const client = await certs!.signed('DNS:a.example');
    expect((await askOnce(url, { ca: authority, ...client })).status).toBe(200);
    await writeFile(
      file,
      web(`  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ${certs!.selfSigned.cert}\n`),
    );
    expect((await askOnce(url, { ca: authority, ...client })).status).toBe('refused');
  });

  it('takes names of clients from VerifyClientCertIfGiven too: no certificate, no name', async () => {
    const clientAuth = `  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ${certs!.ca}\n  client_allowed_sans: ['::1', a.example]\n`;
    const url = await served(web(clientAuth));
    expect((await askOnce(url, { ca: authority })).status).toBe('refused');
    expect((await askOnce(url, { ca: authority, ...(await certs!.signed('IP:0:0:0:0:0:0:0:1')) })).status).toBe(200);
    expect((await askOnce(url, { ca: authority, ...(await certs!.signed('DNS:b.example')) })).status).toBe('refused');
  });

  it('answers plain HTTP with a hint, and closes the connection', async () => {
    const url = await served(web());
    const { port, hostname } = new URL(url);
    const inTheClear = connect(Number(port), hostname);
    inTheClear.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    let got = '';
    inTheClear.on('data', (part) => {
      got += part;
    });
    inTheClear.on('error', () => {});
    await once(inTheClear, 'close');
    expect(got).toMatch(/^HTTP\/1.1 400 [\s\S]*\r\nthis server speaks TLS; use https:\/\/\n$/);
  });

  it('ends what is under way when it closes', async () => {
    const slow = waiting('slow');
    const made = exporter({ name: 'test_exporter', collectors: [slow.made] });
    const server = await serve(made, { web: fileOf(web()) });
    const answer = askOnce(`${server.url}metrics`, { ca: authority });
    await slow.started;
    const closed = server.close();
    slow.go();
    expect((await answer).status).toBe(200);
    await closed;
  });

  it('gives way to newcomers when there are too many connections, and the busy stay', async () => {
    const slow = waiting('slow');
    const url = await serving([slow.made], { web: fileOf(web()), maxConnections: 3 });
    const busy = askOnce(url, { ca: authority });
    await slow.started;
    const { port } = new URL(url);
    const idle: TLSSocket[] = [];
    const closed = later();
    for (let i = 0; i < 3; i++) {
      const socket = connectTls({ port: Number(port), host: '127.0.0.1', ca: authority });
      socket.on('error', () => {});
      if (i === 0) socket.once('close', () => closed.resolve());
      await once(socket, 'secureConnect');
      idle.push(socket);
    }
    await closed.promise;
    slow.go();
    expect((await busy).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });
});

/** Asks on one connection of HTTP/2. */
async function session(url: string) {
  const client = connectHttp2(new URL(url).origin, { ca: authority });
  client.on('error', () => {});
  await once(client, 'connect');
  const ask = async (headers: Record<string, string> = {}): Promise<{ status: number; text: string }> => {
    const stream = client.request({ ':path': '/metrics', ...headers });
    const [got] = (await once(stream, 'response')) as [Record<string, unknown>];
    let text = '';
    for await (const part of stream) text += String(part);
    return { status: Number(got[':status']), text };
  };
  return { client, ask };
}

describe.skipIf(!here)('HTTP/2', () => {
  const on = 'http_server_config: {http2: true}\n';

  it('is spoken where it is asked for, beside HTTP/1', async () => {
    const url = await served(web() + on);
    const { client, ask } = await session(url);
    expect(client.alpnProtocol).toBe('h2');
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(text).toContain('c_value');
    }
    expect((await ask({ ':method': 'POST' })).status).toBe(405);
    expect((await ask({ ':path': `/${'x'.repeat(9000)}` })).status).toBe(414);
    client.close();
    expect((await askOnce(url, { ca: authority })).status).toBe(200);
    const off = connectTls({
      port: Number(new URL(await served(web())).port),
      ALPNProtocols: ['h2', 'http/1.1'],
      ca: authority,
    });
    await once(off, 'secureConnect');
    expect(off.alpnProtocol).toBe('http/1.1');
    off.destroy();
  });

  it('streams what is long', async () => {
    const url = await serving([many(20_000, 200)], { web: fileOf(web() + on) });
    const { client, ask } = await session(url);
    const { text } = await ask();
    expect(text.match(/^size_bytes\{/gm)?.length).toBe(20_000);
    client.close();
  });

  it('ends for those who ask and take back, again and again', async () => {
    const slow = waiting('slow');
    const url = await serving([slow.made], { web: fileOf(web() + on) });
    const { client } = await session(url);
    for (let count = 1; count <= 1000; count++) {
      const stream = client.request({ ':path': '/metrics' });
      stream.on('error', () => {});
      stream.close(8);
      if (count % 20 === 0) await new Promise(setImmediate);
    }
    slow.go();
    const takenBack = async (): Promise<number | undefined> => {
      const { text } = await askOnce(url, { ca: authority });
      const inFlight = valueIn(text, 'promhttp_metric_handler_requests_in_flight');
      return inFlight === 1 ? valueIn(text, 'promhttp_metric_handler_requests_total{code="499"}') : undefined;
    };
    // The client's own end does not notice, and would go on.
    const count = await until('all taken back', takenBack, 50_000);
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThan(250);
    client.destroy();
  });

  it('ends for the silent, and not for those who wait', async () => {
    const slow = waiting('slow');
    const url = await serving([slow.made], { web: fileOf(web() + on) });
    const silent = await session(url);
    const patient = await session(url);
    const answer = patient.ask({ 'x-prometheus-scrape-timeout-seconds': '30' });
    await once(silent.client, 'close');
    slow.go();
    expect((await answer).status).toBe(200);
    patient.client.close();
  });

  it('tells its clients to go when the server closes, and finishes what they have asked', async () => {
    const slow = waiting('slow');
    const server = await serve(exporter({ name: 'test_exporter', collectors: [slow.made] }), {
      web: fileOf(web() + on),
    });
    const { client, ask } = await session(server.url);
    const idle = await session(server.url);
    const answer = ask();
    await slow.started;
    const gone = [once(client, 'close'), once(idle.client, 'close')];
    const closed = server.close();
    slow.go();
    expect((await answer).status).toBe(200);
    await closed;
    await Promise.all(gone);
  });
});
