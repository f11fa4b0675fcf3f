import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { findPeer, generationFolder, locatePeer } from './find.ts';

afterEach(() => vi.unstubAllEnvs());

it.each(['today', 'debian12'] as const)(
  'takes a server of %s from its own folder, before any on the PATH',
  async (generation) => {
    const folder = await mkdtemp(join(tmpdir(), 'find-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const onPath = join(folder, 'pushgateway');
    await writeFile(onPath, '#!/bin/sh\n', { mode: 0o755 });
    vi.stubEnv('PATH', folder);
    vi.stubEnv('PEERS', generation);
    const fetched = join(generationFolder(generation), 'usr/bin/prometheus-pushgateway');
    // Nobody knows the version of one on the PATH: it stands in for today's, and for no other.
    const instead = generation === 'today' ? onPath : undefined;
    expect(findPeer('pushgateway')).toBe(existsSync(fetched) ? fetched : instead);
  },
);

it('says which generations there are', () => {
  vi.stubEnv('PEERS', 'debian13');
  expect(() => locatePeer('prometheus')).toThrow('PEERS is "debian13"; write today or debian12.');
});
