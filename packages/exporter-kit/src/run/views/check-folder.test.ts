import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { collector } from '../../collect/collector.ts';
import { exporter } from '../../collect/exporter.ts';
import { gauge } from '../../metric/declare.ts';
import { checkFolder } from './check-folder.ts';

const broker = (version: string) => {
  const deprecated = { replacedBy: 'queue_messages', until: '2.0.0' };
  const depth = gauge({ name: 'queue_depth', help: 'Messages waiting.', deprecated });
  return exporter({
    name: 'broker_exporter',
    version,
    collectors: [collector({ name: 'queues', metrics: { depth }, collect() {} })],
  });
};

it('accepts a deprecated metric until its version', async () => {
  const path = await mkdtemp(join(tmpdir(), 'views-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const views = new URL('views/', pathToFileURL(`${path}/`));
  const check = (version: string): Promise<void> => checkFolder(broker(version), { port: 19101 }, views);
  await check('1.9.0');
  await check('1.9.1');
  await expect(check('2.0.0')).rejects.toThrow('queue_depth was to be gone in 2.0.0, and this is 2.0.0; declare it as');
});
