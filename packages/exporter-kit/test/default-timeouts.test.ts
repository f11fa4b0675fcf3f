import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificates, needPeers, runProgram } from 'test-servers';
import { describe, it } from 'vitest';
import { exporter, serve } from '../src/index.ts';
import { entryName } from '../src/push/spool/folder.ts';
import { faultyGateway } from '../src/testing/faulty-gateway.ts';
import { exporterPush } from './exporter-push.ts';
import { counting } from './serving.ts';

const job = fileURLToPath(new URL('./programs/job.mjs', import.meta.url));

// Each waits ten seconds for a default to expire: all at once.
describe.concurrent('by default', () => {
  it('exporter-push ends after ten seconds, whatever the gateway does', async ({ expect, onTestFinished }) => {
    const hanging = createServer(() => {}).listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    onTestFinished(() => void hanging.close());
    const { port } = hanging.address() as { port: number };
    const began = performance.now();
    const { code, stderr } = await exporterPush(['--job=test', `--gateway=http://127.0.0.1:${port}`, '--', 'true']);
    const took = performance.now() - began;
    expect(code).toBe(0);
    expect(stderr).toContain('no complete response within');
    expect(took).toBeGreaterThan(9000);
    expect(took).toBeLessThan(50_000);
  });

  it('a disk that hangs keeps neither a job from ending nor its result', async ({ expect, onTestFinished }) => {
    const gateway = await faultyGateway('ok');
    onTestFinished(() => gateway.close());
    const spool = await mkdtemp(join(tmpdir(), 'spool-'));
    onTestFinished(() => rm(spool, { recursive: true, force: true }));
    // Reading a pipe that nobody writes to blocks a thread for good.
    const pipe = join(spool, entryName({ sink: `pushgateway ${gateway.url}`, job: 'test job', grouping: {} }));
    expect((await runProgram([pipe], { command: 'mkfifo' })).code).toBe(0);
    const started = performance.now();
    const { stderr } = await runProgram([job, `--push.gateway=${gateway.url}`, `--push.spool=${spool}`]);
    expect(performance.now() - started).toBeLessThan(50_000);
    expect(stderr).toMatch(/msg="result could not be spooled; sending it anyway"/);
    expect(stderr).toMatch(/msg="job succeeded" .*delivered=1 not_delivered=0/);
    expect(gateway.received.map(({ method }) => method)).toEqual(['PUT']);
  });

  it.skipIf(!needPeers('openssl'))(
    'a client that does not begin TLS is disconnected after ten seconds',
    async ({ expect, onTestFinished }) => {
      const certificates = await makeCertificates();
      onTestFinished(() => certificates.remove());
      const { cert, key } = certificates.server;
      const server = await serve(exporter({ name: 'test_exporter', collectors: [counting('c').made] }), {
        web: { tls_server_config: { cert_file: cert, key_file: key } },
      });
      onTestFinished(() => server.close(0));
      const { port, hostname } = new URL(server.url);
      const silent = connect(Number(port), hostname);
      const since = performance.now();
      silent.on('error', () => {});
      silent.resume();
      await once(silent, 'close');
      expect(performance.now() - since).toBeGreaterThan(9000);
      expect(performance.now() - since).toBeLessThan(50_000);
    },
  );
});
