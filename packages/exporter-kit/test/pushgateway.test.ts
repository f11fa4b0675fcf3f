import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash } from '@node-rs/bcrypt';
import { executeJob, gauge, job, type PushgatewayOptions, pushgateway } from 'exporter-kit';
import {
  type Certificates,
  makeCertificates,
  needPeers,
  type Pushgateway,
  type Server,
  startPushgateway,
  startServer,
} from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const size = job({
  name: 'backup',
  metrics: { size: gauge({ name: 'backup_bytes', help: 'Size.', unit: 'bytes', labels: ['volume'] }) },
  run: ({ size }) => size.set({ volume: 'a' }, 3),
});

describe.skipIf(!needPeers('pushgateway'))('a real Pushgateway', () => {
  let gateway: Pushgateway;
  beforeAll(async () => {
    gateway = await startPushgateway();
  });
  afterAll(() => gateway?.stop());

  it('says what is wrong in its own words, once', async () => {
    await fetch(`${gateway.url}/metrics/job/other`, {
      method: 'PUT',
      body: '# TYPE backup_bytes counter\nbackup_bytes 1\n',
    });
    const { delivered } = await executeJob(size, { to: [pushgateway(gateway.url)] });
    expect(String(delivered[0]?.error)).toMatch(
      /^Error: pushgateway http:\/\/\S+: answered 400: pushed metrics are invalid or inconsistent with existing metrics: .*backup_bytes/,
    );
    expect(String(delivered[0]?.error)).not.toMatch(/attempts/);
  });
});

const all = needPeers('pushgateway', 'openssl');
describe.skipIf(!all)('a real Pushgateway behind TLS and passwords', () => {
  let folder = '';
  let made: Certificates;
  let gateway: Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'push-tls-'));
    made = await makeCertificates();
    const config = {
      tls_server_config: {
        cert_file: made.server.cert,
        key_file: made.server.key,
        client_auth_type: 'RequireAndVerifyClientCert',
        client_ca_file: made.ca,
      },
      basic_auth_users: { batch: await hash('hunter2', 4) },
    };
    const file = join(folder, 'web.yml');
    // JSON is YAML too.
    await writeFile(file, JSON.stringify(config));
    await writeFile(join(folder, 'password'), 'hunter2\n');
    gateway = await startServer('pushgateway', ['--persistence.file=', `--web.config.file=${file}`]);
  });
  afterAll(async () => {
    await gateway?.stop();
    await made?.remove();
    await rm(folder, { recursive: true });
  });

  async function push(options: PushgatewayOptions): Promise<string> {
    const url = gateway.url.replace('http:', 'https:');
    const { delivered } = await executeJob(size, { to: [pushgateway(url, options)] });
    return String(delivered[0]?.error);
  }

  it('takes what comes with a certificate and the password, and nothing else', async () => {
    const tls = { caFile: made.ca, certFile: made.client.cert, keyFile: made.client.key };
    const user = { username: 'batch', password: { file: join(folder, 'password') } };
    expect(await push({ tls, ...user })).toBe('undefined');
    expect(await push({ tls, ...user, password: 'wrong' })).toMatch(
      /answered 401: Unauthorized \(check the credentials\)$/,
    );
    expect(await push({ tls: { caFile: made.ca }, ...user, timeoutMs: 1000 })).toMatch(
      /TLS: |bad certificate|ECONNRESET|EPIPE/,
    );
    expect(await push(user)).toMatch(
      /unable to verify the first certificate; if it is trusted, set its authority in tls.caFile/,
    );
  });
});
