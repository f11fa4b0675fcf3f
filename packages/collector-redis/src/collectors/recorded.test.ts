import { golden, lint } from 'exporter-kit/testing';
import { describe, expect, it, vi } from 'vitest';
import { goldenFile, type Recording, replies, scrapeRecorded } from '../../test/recorded.ts';
import { redisCollectors } from '../collectors.ts';
import type { Names } from '../names.ts';

const recordings: readonly Recording[] = ['redis-7', 'redis-8-primary', 'redis-8-replica', 'valkey-9', 'sentinel-8'];

/** Everything that the collectors make of a recording, those that are off by default too. */
async function exposition(recording: Recording, names: Names): Promise<string> {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-26T20:00:00Z') });
  const texts = [];
  for (const collector of redisCollectors({ names })) {
    const config = { config: { values: true }, sentinel: { values: true } }[collector.name] ?? {};
    try {
      texts.push((await scrapeRecorded(collector, replies(recording), { config })).text);
    } catch (error) {
      texts.push(`# ${collector.name}: ${(error as Error).message}\n`);
    }
  }
  vi.useRealTimers();
  // How long it took differs each time.
  return texts.join('').replace(/^(redis_last_key_groups_\S+) .*$/gm, '$1 0');
}

describe.each(recordings)('%s', (recording) => {
  it('is read as before', async () => golden(await exposition(recording, 'classic'), goldenFile(recording)));

  it('is clean under clean names', async () => {
    const text = await exposition(recording, 'clean');
    expect(lint(text.replace(/^# \w+: .*$/gm, ''))).toEqual([]);
    golden(text, goldenFile(`clean/${recording}`));
  });
});
