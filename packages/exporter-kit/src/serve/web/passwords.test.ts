import { describe, expect, it } from 'vitest';
import { type LoginAttempt, passwords } from './passwords.ts';

const users = new Map([
  ['alice', '$2b$12$alice'],
  ['bob', '$2b$10$bob'],
]);
const claim = (user: string, password: string, also: Partial<LoginAttempt> = {}): LoginAttempt => ({
  user,
  password: Buffer.from(password),
  from: '192.0.2.1',
  signal: new AbortController().signal,
  ...also,
});

/** A comparison that the test ends, in the order in which they began. */
function comparing() {
  const begun: { password: string; hash: string; end: (equal: boolean) => void }[] = [];
  let atOnce = 0;
  let most = 0;
  const checker = passwords((password, hash) => {
    most = Math.max(most, ++atOnce);
    return new Promise((resolve) => {
      const end = (equal: boolean): void => {
        atOnce--;
        resolve(equal);
      };
      begun.push({ password: Buffer.from(password).toString(), hash, end });
    });
  });
  /** Ends all, as they come; right is what starts with "right". */
  async function endAll(answers: readonly Promise<unknown>[]): Promise<unknown[]> {
    let over = false;
    const all = Promise.all(answers).finally(() => {
      over = true;
    });
    for (let i = 0; !over; await new Promise(setImmediate)) {
      for (; i < begun.length; i++) begun[i]!.end(begun[i]!.password.startsWith('right'));
    }
    return all;
  }
  return { checker, begun, endAll, most: () => most };
}

describe('passwords', () => {
  it('are compared one at a time, and right ones once', async () => {
    const { checker, begun, endAll, most } = comparing();
    const ask = (): Promise<unknown>[] =>
      ['right', 'wrong', 'right', 'wrong 2'].map((password) => checker.check(claim('alice', password), users));
    expect(await endAll(ask())).toEqual([true, false, true, false]);
    expect(begun.map(({ password }) => password)).toEqual(['right', 'wrong', 'wrong 2']);
    expect(most()).toBe(1);
    expect(await endAll(ask())).toEqual([true, false, true, false]);
    expect(begun.map(({ password }) => password)).toEqual(['right', 'wrong', 'wrong 2', 'wrong', 'wrong 2']);
  });

  it('of unknown users take as long as the slowest, and are never right', async () => {
    const { checker, begun, endAll } = comparing();
    expect(await endAll([checker.check(claim('nobody', 'right'), users)])).toEqual([false]);
    expect(begun[0]?.hash).toMatch(/^\$2b\$12\$[./A-Za-z0-9]{53}$/);
    // Remembered, it is as wrong.
    expect(await checker.check(claim('nobody', 'right'), users)).toBe(false);
  });

  it('are remembered by user, hash and password, whatever is in them', async () => {
    const { checker, begun, endAll } = comparing();
    const odd = new Map([
      ['a', '$2b$04$one'],
      ['a"', '$2b$04$one'],
    ]);
    expect(await endAll([checker.check(claim('a', 'right"'), odd)])).toEqual([true]);
    expect(await endAll([checker.check(claim('a"', 'wrong'), odd)])).toEqual([false]);
    // A new hash: the old password is unknown at once.
    const changed = checker.check(claim('a', 'right"'), new Map([['a', '$2b$04$two']]));
    expect(await endAll([changed])).toEqual([true]);
    expect(begun.map(({ hash }) => hash)).toEqual(['$2b$04$one', '$2b$04$one', '$2b$04$two']);
  });

  it('are remembered for the latest hundred', async () => {
    const { checker, begun, endAll } = comparing();
    for (let i = 0; i < 101; i++) await endAll([checker.check(claim('alice', `right ${i}`), users)]);
    await endAll([checker.check(claim('alice', 'right 100'), users)]);
    expect(begun.length).toBe(101);
    await endAll([checker.check(claim('alice', 'right 0'), users)]);
    expect(begun.length).toBe(102);
  });

  it('of others have their turn, whatever floods from one address; the flood is cut', async () => {
    const { checker, begun, endAll } = comparing();
    const flood = Array.from({ length: 300 }, (_, i) =>
      checker.check(claim('alice', `wrong ${i}`, { from: '192.0.2.66' }), users),
    );
    const good = checker.check(claim('alice', 'right'), users);
    const answers = await endAll([...flood, good]);
    expect(answers.at(-1)).toBe(true);
    expect(begun.findIndex(({ password }) => password === 'right')).toBeLessThan(3);
    expect(answers.filter((answer) => answer === 'busy').length).toBeGreaterThan(190);
    expect(begun.length).toBeLessThan(105);
  });

  it('of those who have left are not compared, but for others who ask the same', async () => {
    const { checker, begun, endAll } = comparing();
    const left = new AbortController();
    const first = checker.check(claim('alice', 'first'), users);
    const gone = checker.check(claim('alice', 'gone', { signal: left.signal }), users);
    const shared = checker.check(claim('bob', 'right', { signal: left.signal }), users);
    const waiting = checker.check(claim('bob', 'right'), users);
    left.abort();
    expect(await endAll([first, gone, shared, waiting])).toEqual([false, 'busy', 'busy', true]);
    expect(begun.map(({ password }) => password)).toEqual(['first', 'right']);
  });
});
