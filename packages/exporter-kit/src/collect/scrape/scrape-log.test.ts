import { describe, expect, it } from 'vitest';
import { collector } from '../collector.ts';
import type { Outcome } from './runner.ts';
import { outcomeLog } from './scrape-log.ts';

const shop = collector({ name: 'shop', metrics: {}, collect() {} });
const ok: Outcome = { collector: shop, status: 'ok', durationMs: 1 };
const failed = (reason: string): Outcome => ({ collector: shop, status: 'failed', durationMs: 1, reason });

function listening() {
  const lines: string[] = [];
  const at =
    (level: string) =>
    ({ reason, failures }: { reason?: string; failures?: number }, message: string) =>
      void lines.push([level, message, reason, failures].filter((part) => part !== undefined).join(' '));
  const tell = outcomeLog({ debug() {}, info: at('info'), warn: at('warn'), error: at('error') });
  return {
    lines,
    tell: (...outcomes: Outcome[]) => {
      for (const outcome of outcomes) tell([outcome], []);
    },
  };
}

describe('the log of outcomes', () => {
  it('says a failure once, reminds of it ever more rarely, and counts at the recovery', () => {
    const { lines, tell } = listening();
    tell(ok, ...Array.from({ length: 250 }, (_, i) => failed(`connection ${i} refused`)), ok, ok);
    expect(lines).toEqual([
      'error collector failed connection 0 refused',
      'error collector failed connection 9 refused 10',
      'error collector failed connection 99 refused 100',
      'info collector recovered 250',
    ]);
  });

  it('says a new reason at once, but not ever new ones for ever', () => {
    const { lines, tell } = listening();
    tell(failed('refused'), failed('no such host'), failed('refused'), failed('no such host'));
    expect(lines).toEqual(['error collector failed refused', 'error collector failed no such host 2']);
    const letters = Array.from(
      { length: 500 },
      (_, i) => `reason ${'abcdefghij'[i % 10]}${'klmnopqrst'[((i / 10) % 10) | 0]}`,
    );
    tell(...letters.map(failed));
    expect(lines.length).toBeLessThan(15);
  });

  it('begins anew after a recovery', () => {
    const { lines, tell } = listening();
    tell(failed('refused'), ok, failed('refused'));
    expect(lines).toEqual([
      'error collector failed refused',
      'info collector recovered 1',
      'error collector failed refused',
    ]);
  });
});
