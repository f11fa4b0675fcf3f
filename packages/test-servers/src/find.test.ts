import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { findPeer, generationFolder, locatePeer } from './find.ts';

afterEach(() => vi.unstubAllEnvs());

it.each(['today', 'debian12'] as const)('prefers the servers of %s in their folder to the PATH', async (generation) => {
  const folder = await mkdtemp(join(tmpdir(), 'find-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const onPath = join(folder, 'pushgateway');
  await writeFile(onPath, '#!/bin/sh\n', { mode: 0o755 });
  vi.stubEnv('PATH', folder);
  vi.stubEnv('PEERS', generation);
  const fetched = join(generationFolder(generation), 'usr/bin/prometheus-pushgateway');
  // A program on the PATH has an unknown version: it is used only for `today`.
  const instead = generation === 'today' ? onPath : undefined;
  expect(findPeer('pushgateway')).toBe(existsSync(fetched) ? fetched : instead);
});

it('lists the generations', () => {
  vi.stubEnv('PEERS', 'debian13');
  expect(() => locatePeer('prometheus')).toThrow('PEERS is "debian13"; write today or debian12.');
});
