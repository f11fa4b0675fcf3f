import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { golden, lint, probed } from 'exporter-kit/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { httpSite } from '../../test/targets.ts';
import { http } from './http.ts';

async function siteUrl(path = '/'): Promise<string> {
  const target = await httpSite();
  onTestFinished(() => target.close());
  return `http://${target.address}${path}`;
}

it('reports the response', async () => {
  const { success, text, value } = await probed(http, await siteUrl('/twice'));
  expect(success).toBe(true);
  expect(value('probe_http_redirects')).toBe(2);
  expect(lint(text)).toEqual([]);
  // Times differ from run to run.
  golden(
    text.replace(/(_seconds(?:\{.*\})?) 0\.\d+.*$/gm, '$1 TIME'),
    new URL('../../test/golden.prom', import.meta.url),
  );
});

it.each([
  ['/nowhere', {}, 'the status is 404, not 2xx'],
  ['/', { valid_status_codes: [201, 202] }, 'the status is 200, not 201 or 202'],
  ['/', { fail_if_not_ssl: true }, 'the response did not come over TLS'],
  ['/', { valid_http_versions: ['HTTP/2.0'] }, 'the version is HTTP/1.1, not HTTP/2.0'],
  ['/', { fail_if_body_matches_regexp: ['wor'] }, 'the body matches /wor/'],
  ['/', { fail_if_header_matches: [{ header: 'X-Colour', regexp: 'blue' }] }, 'the header X-Colour matches /blue/'],
  ['/', { fail_if_header_matches: [{ header: 'X-None', regexp: 'blue' }] }, 'the header X-None is missing'],
  ['/', { body_size_limit: '4B' }, 'the body is longer than 4 bytes'],
  ['/loop', {}, 'more than 10 redirects'],
  ['/', { tls_config: { ca_file: '/nowhere.pem' } }, undefined],
  [
    '/',
    { basic_auth: { username: 'me', password_file: '/nowhere' } },
    "ENOENT: no such file or directory, open '/nowhere'",
  ],
])('%s with %j fails with a reason', async (path, config, why) => {
  const { success, reason } = await probed(http, await siteUrl(path), { config });
  expect({ success, reason }).toEqual(
    why === undefined ? { success: true } : { success: false, reason: expect.stringContaining(why) },
  );
});

it.each(['ftp://127.0.0.1/', 'http://[::1', 'a b'])('rejects the target %j', async (target) => {
  const { success, reason } = await probed(http, target);
  expect(success).toBe(false);
  expect(reason).toMatch(/not a URL|can't be resolved/);
});

it.each([
  ['Sun Sep  9 01:46:40 2001', 1e9],
  ['0', undefined],
  ['2001-09-09T01:46:40Z', undefined],
])('reads Last-Modified %s as %s', async (modified, seconds) => {
  const server = createServer((_, response) => void response.setHeader('Last-Modified', modified).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { value } = await probed(http, `127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect(value('probe_http_last_modified_timestamp_seconds')).toBe(seconds);
});

describe('credentials and cookies', () => {
  /** Redirects to another port of this machine; returns the headers of the request there. */
  async function redirected(config: object): Promise<{ readonly [name: string]: unknown }> {
    const requests: { headers: object }[] = [];
    const there = createServer(({ headers }, response) => {
      requests.push({ headers });
      response.end();
    });
    const here = createServer((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${portOf(there)}/` }).end();
    });
    await Promise.all([there, here].map((server) => new Promise<void>((up) => server.listen(0, '127.0.0.1', up))));
    onTestFinished(() => {
      for (const server of [there, here]) {
        server.close();
        server.closeAllConnections();
      }
    });
    const { success } = await probed(http, `http://127.0.0.1:${portOf(here)}/`, { config });
    expect(success).toBe(true);
    return { ...requests[0]?.headers };
  }

  it('are not sent to another origin after a redirect', async () => {
    const headers = { 'X-Api-Key': 'hunter2', Cookie: 'a=b', Host: 'here.example', 'X-Colour': 'blue' };
    const requests = await redirected({ headers, authorization: { credentials: 'hunter2' } });
    expect(JSON.stringify(requests)).not.toMatch(/hunter2|a=b|here\.example/);
    expect(requests['x-colour']).toBe('blue');
  });
});

it.each([
  ['gzip', 'gzip'],
  ['br', 'br'],
] as const)('decompresses %s', async (compression, accepted) => {
  const { brotliCompressSync, gzipSync } = await import('node:zlib');
  const server = createServer((request, response) => {
    expect(request.headers['accept-encoding']).toBe(accepted);
    response.end((compression === 'gzip' ? gzipSync : brotliCompressSync)('hello '.repeat(100)));
  });
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  onTestFinished(() => void server.close());
  const config = { compression, fail_if_body_not_matches_regexp: ['^(hello )+$'] };
  const { success, value } = await probed(http, `127.0.0.1:${portOf(server)}`, { config });
  expect(success).toBe(true);
  expect(value('probe_http_uncompressed_body_length')).toBe(600);
  expect(value('probe_http_content_length')).toBeLessThan(600);
});

it('reports what it measured before the timeout', async () => {
  const { success, reason, value } = await probed(http, await siteUrl('/slow'), { timeoutMs: 200 });
  expect({ success, reason }).toEqual({ success: false, reason: 'did not end within its time' });
  expect(value('probe_ip_protocol')).toBe(4);
  expect(value('probe_http_duration_seconds', { phase: 'connect' })).toBeGreaterThan(0);
  expect(value('probe_http_status_code')).toBe(0);
});

it.each([
  [{ valid_status_codes: ['200'] }, /valid_status_codes/],
  [{ method: 'get' }, /method/],
  [{ fail_if_body_matches_regexp: ['('] }, /fail_if_body_matches_regexp/],
  [{ body_size_limit: 'much' }, /not a size/],
  [{ preferred_ip_protocol: 'ip5' }, /preferred_ip_protocol/],
])('rejects %j', (config, message) => {
  expect(() => http.config!.parse(config)).toThrow(message);
});

it('obeys the rules for targets', async () => {
  const { success, reason } = await probed(http, await siteUrl(), { guard: {} });
  expect(success).toBe(false);
  expect(reason).toContain('it is a loopback address');
});

const portOf = (server: { address(): unknown }): number => (server.address() as { port: number }).port;
