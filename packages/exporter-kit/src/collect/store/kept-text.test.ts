import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { keptText } from './kept-text.ts';

function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return getHeapStatistics().used_heap_size;
}

it('keeps no reply for a text that was cut out of it', () => {
  const before = usedBytes();
  const kept = Array.from({ length: 100 }, (_, i) => {
    const reply = `${i}:${'x'.repeat(200_000)}`;
    return keptText(JSON.parse(JSON.stringify(reply)).slice(0, 40 + i));
  });
  expect(usedBytes() - before).toBeLessThan(2_000_000);
  expect(kept.map((text, i) => text === `${i}:${'x'.repeat(200)}`.slice(0, 40 + i))).not.toContain(false);
});

it('has other values as they are', () => {
  for (const value of ['', 'ü\ud800', 12, true, undefined, null, 'x'.repeat(100)]) expect(keptText(value)).toBe(value);
});
