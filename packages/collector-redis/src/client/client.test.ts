import { expect, it } from 'vitest';
import { commander, type Reply } from './client.ts';

/** A connection that keeps the order of commands, and answers when it is told. */
function connection(answers: { readonly [command: string]: Reply | Error } = {}) {
  const sent: string[] = [];
  const send = (words: readonly string[]): Promise<Reply> => {
    const line = words.join(' ');
    sent.push(line);
    const answer = answers[line] ?? 'OK';
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { sent, command: commander(send, 0) };
}

it('selects a database right before the command, and only where it is another', async () => {
  const { sent, command } = connection();
  await Promise.all([
    command(['TYPE', 'a'], { database: 0 }),
    command(['TYPE', 'b'], { database: 3 }),
    command(['INFO']),
    command(['TYPE', 'c'], { database: 3 }),
    command(['TYPE', 'd'], { database: 0 }),
  ]);
  expect(sent).toEqual(['TYPE a', 'SELECT 3', 'TYPE b', 'INFO', 'TYPE c', 'SELECT 0', 'TYPE d']);
});

it('gives no answer from another database, when it could not select the one that was wanted', async () => {
  const denied = new Error('NOPERM');
  const answers = { 'SELECT 3': denied, 'SELECT 0': denied, 'TYPE a': 'string', 'TYPE b': 'string', 'TYPE c': 'hash' };
  const { sent, command } = connection(answers);
  const outcomes = await Promise.allSettled([
    command(['TYPE', 'a'], { database: 3 }),
    command(['TYPE', 'b'], { database: 3 }),
    command(['INFO']),
    // It may not select this either, but is there already.
    command(['TYPE', 'c'], { database: 0 }),
  ]);
  expect(outcomes).toEqual([
    { status: 'rejected', reason: denied },
    { status: 'rejected', reason: denied },
    { status: 'fulfilled', value: 'OK' },
    { status: 'fulfilled', value: 'hash' },
  ]);
  expect(await command(['TYPE', 'c'], { database: 0 })).toBe('hash');
  await expect(command(['TYPE', 'a'], { database: 3 })).rejects.toBe(denied);
  expect(await command(['TYPE', 'c'], { database: 0 })).toBe('hash');
  expect(sent.slice(5)).toEqual(['TYPE c', 'TYPE c', 'SELECT 3', 'TYPE a', 'TYPE c']);
});

it('stops waiting when the signal aborts, and sends nothing afterwards', async () => {
  const sent: string[] = [];
  const command = commander((words) => {
    sent.push(words.join(' '));
    return new Promise(() => {});
  }, 0);
  const controller = new AbortController();
  const pending = command(['INFO'], { signal: controller.signal });
  const reason = new Error('the time is up');
  controller.abort(reason);
  await expect(pending).rejects.toBe(reason);
  await expect(command(['PING'], { signal: controller.signal })).rejects.toBe(reason);
  expect(sent).toEqual(['INFO']);
});
