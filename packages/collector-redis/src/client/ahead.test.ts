import { expect, it } from 'vitest';
import { askingAhead } from './ahead.ts';
import type { CommandOptions, Reply } from './client.ts';

/** A server that answers each command with its number, after the test has let it, and what has been sent to it. */
function server(fails: (line: string) => boolean = () => false) {
  const sent: string[] = [];
  const command = askingAhead(async (words: readonly string[], { signal }: CommandOptions = {}): Promise<Reply> => {
    signal?.throwIfAborted();
    const line = words.join(' ');
    sent.push(line);
    const number = sent.length;
    await Promise.resolve();
    if (fails(line)) throw new Error(`NOPERM ${number}`);
    return number;
  });
  return {
    begin: () => command(['INFO'], { beginsScrape: true }),
    ask: (line: string, options: CommandOptions = { everyScrape: true }) => command(line.split(' '), options),
    /** What was sent since the last time. */
    sent: () => sent.splice(0),
  };
}

it('sends what the last scrape asked along with what begins the next', async () => {
  const { begin, ask, sent } = server();
  await begin();
  await Promise.all([ask('SLOWLOG LEN'), ask('SCAN 0', {}), ask('LATENCY LATEST')]);
  expect(sent()).toEqual(['INFO', 'SLOWLOG LEN', 'SCAN 0', 'LATENCY LATEST']);
  const info = begin();
  expect(sent()).toEqual(['INFO', 'SLOWLOG LEN', 'LATENCY LATEST']);
  await info;
  expect(await Promise.all([ask('LATENCY LATEST'), ask('SCAN 0', {})])).toEqual([3, 1]);
  expect(sent()).toEqual(['SCAN 0']);
  // Answered once; and the other one was not asked, so it is not sent any more.
  expect(await ask('LATENCY LATEST')).toBe(1);
  expect(sent()).toEqual(['LATENCY LATEST']);
  await begin();
  expect(sent()).toEqual(['INFO', 'LATENCY LATEST']);
});

it('rejects for those who ask, and for nobody else', async () => {
  const { begin, ask } = server((line) => line !== 'INFO');
  await begin();
  await expect(ask('CONFIG GET *')).rejects.toThrow('NOPERM 2');
  await begin();
  await expect(ask('CONFIG GET *')).rejects.toThrow('NOPERM 4');
  await begin();
  await begin();
});

it('stops waiting when the signal aborts', async () => {
  const { begin, ask, sent } = server();
  await begin();
  await ask('SLOWLOG LEN');
  sent();
  await begin();
  const reason = new Error('the time is up');
  await expect(ask('SLOWLOG LEN', { everyScrape: true, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(sent()).toEqual(['INFO', 'SLOWLOG LEN']);
});
