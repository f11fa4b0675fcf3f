import { runInNewContext } from 'node:vm';
import { expect, describe as group, it } from 'vitest';
import { oddValues } from '../../test/odd-values.ts';
import { callSafely, caught, causes, codeOf, describe, isError, kindOf, messageOf, stackOf } from './thrown.ts';

group.each(Object.entries(oddValues))('of %s', (_what, make) => {
  it('says something short, and never throws', () => {
    const value = caught(make());
    for (const text of [messageOf(value), describe(value), stackOf(value)]) {
      expect(text).toMatch(/\S/);
      expect(text.length).toBeLessThan(10_000);
    }
    expect([...causes(value)].length).toBeLessThan(10);
    expect(typeof isError(value)).toBe('boolean');
    expect(codeOf(value)).toBeUndefined();
    expect(['string', 'undefined']).toContain(typeof kindOf(value));
  });

  it('keeps a call that throws it apart from one that ends well', async () => {
    const value = make();
    const throwIt = (): never => {
      throw value;
    };
    const caughtOnes = [await callSafely(throwIt), await callSafely(async () => throwIt())];
    for (const box of caughtOnes) expect(box !== undefined && box.error !== undefined && box.error !== null).toBe(true);
  });
});

it('tells a call that ends well by nothing', async () => {
  expect(await callSafely(() => {})).toBeUndefined();
});

it('says what an error says, and what caused it', () => {
  const error = new Error('no broker', { cause: Object.assign(new Error('refused'), { cause: 'pulled plug' }) });
  expect(messageOf(error)).toBe('no broker');
  expect(describe(error)).toBe('no broker (refused (pulled plug))');
  expect(describe(new Error('a: b', { cause: new Error('b') }))).toBe('a: b');
  expect(messageOf(runInNewContext("new Error('elsewhere')"))).toBe('elsewhere');
  expect(isError(runInNewContext("new TypeError('elsewhere')"))).toBe(true);
  expect(messageOf({ message: 'plain' })).toBe('plain');
  expect(messageOf('text')).toBe('text');
});

it('finds words for an error without a message', () => {
  expect(messageOf(Object.assign(new Error(), { code: 'ECONNRESET' }))).toBe('ECONNRESET');
  expect(messageOf(new TypeError())).toBe('TypeError');
  const both = [new Error('connect ECONNREFUSED ::1:80'), new Error('connect ECONNREFUSED 127.0.0.1:80')];
  expect(messageOf(new AggregateError(both))).toBe('connect ECONNREFUSED ::1:80; connect ECONNREFUSED 127.0.0.1:80');
});

it('leaves no rejection unhandled of a promise that was thrown', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): unknown => unhandled.push(reason);
  process.on('unhandledRejection', note);
  await callSafely(() => {
    throw Promise.reject(new Error('within'));
  });
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
