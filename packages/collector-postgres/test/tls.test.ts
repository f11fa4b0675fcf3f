import { scrape } from 'exporter-kit/testing';
import { type Certificates, makeCertificates, needPeers, type PostgresServer, startPostgres } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgres } from '../src/index.ts';

describe.skipIf(!needPeers('postgres', 'openssl'))('TLS with a real server', () => {
  let certificates: Certificates;
  let server: PostgresServer;
  let elsewhere: PostgresServer;
  let plain: PostgresServer;
  beforeAll(async () => {
    certificates = await makeCertificates();
    const hba = 'local all all trust\nhostssl all all 127.0.0.1/32 trust\n';
    server = await startPostgres({ certificate: certificates.server, hba });
    elsewhere = await startPostgres({ certificate: certificates.elsewhere, hba });
    plain = await startPostgres();
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), elsewhere?.stop(), plain?.stop(), certificates?.remove()]);
  });

  const up = async (pg: PostgresServer, settings: object) =>
    (await scrape(postgres, { target: { url: pg.url, ...settings } })).value('pg_up');

  it.each([
    ['prefer', false, 1, 1, 1],
    ['require', false, 1, 1, 0],
    ['disable', false, 0, 0, 1],
    ['verify-ca', true, 1, 1, 0],
    ['verify-ca', false, 0, 0, 0],
    ['verify-full', true, 1, 0, 0],
  ] as const)('sslmode %s, authority known: %s', async (sslmode, known, matching, other, without) => {
    const settings = { sslmode, ...(known ? { sslrootcert: certificates.ca } : {}) };
    expect(await up(server, settings)).toBe(matching);
    expect(await up(elsewhere, settings)).toBe(other);
    expect(await up(plain, settings)).toBe(without);
  });
});
