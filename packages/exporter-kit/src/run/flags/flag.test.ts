import { describe, expect, it } from 'vitest';
import { FlagError } from '../usage-error.ts';
import { type FlagsOf, flag, list, toggle, valuesOf } from './flag.ts';
import { duration, oneOf, text, wholeNumber } from './forms.ts';

interface Values {
  readonly delayMs: number;
  readonly limitMs: number | undefined;
  readonly most: number;
  readonly policy: 'partial' | 'strict';
  readonly addresses: readonly string[];
  readonly allow: readonly string[] | undefined;
  readonly on: boolean;
}

const flags: FlagsOf<Values> = {
  delayMs: flag({ name: 'delay', help: 'x', default: 90_000, ...duration() }),
  limitMs: flag({ name: 'limit', help: 'x', otherwise: 'no limit', ...duration(1) }),
  most: flag({ name: 'most', help: 'x', default: 40, ...wholeNumber(1, 99) }),
  policy: flag({ name: 'policy', help: 'x', default: 'partial', ...oneOf('partial', 'strict') }),
  addresses: list({ name: 'address', help: 'x', default: [':1'], ...text('HOST:PORT') }),
  allow: list({ name: 'allow', help: 'x', ...text('RULE') }),
  on: toggle({ name: 'on', help: 'x', default: true, negatable: true }),
};
const read = (given: object): Values => valuesOf(flags, new Map(Object.entries(given)));

describe('typed flags', () => {
  it('have their defaults, in values and in help', () => {
    expect(read({})).toEqual({
      delayMs: 90_000,
      limitMs: undefined,
      most: 40,
      policy: 'partial',
      addresses: [':1'],
      allow: undefined,
      on: true,
    });
    expect(Object.values(flags).map(({ defaultText }) => defaultText)).toEqual([
      '1m30s',
      'no limit',
      '40',
      'partial',
      ':1',
      undefined,
      'true',
    ]);
  });

  it('read what is given, an empty list as the default if there is one', () => {
    const given = { delay: '1s', limit: '2s', most: '7', policy: 'strict', address: [], allow: [], on: false };
    expect(read(given)).toEqual({
      delayMs: 1000,
      limitMs: 2000,
      most: 7,
      policy: 'strict',
      addresses: [':1'],
      allow: [],
      on: false,
    });
  });

  it.each([
    [{ delay: 'soon' }, '--delay: "soon" is not a duration; write 15s, 1m30s or 500ms.'],
    [{ limit: '0' }, '--limit: 0 is too short; write 1s, or leave the flag out.'],
    [{ most: '100' }, '--most: "100" is not a whole number from 1 to 99.'],
    [{ most: '1e1' }, '--most: "1e1" is not a whole number from 1 to 99.'],
    [{ policy: 'odd' }, '--policy: "odd" is unknown; write partial, strict.'],
  ])('reject %j, naming the flag', (given, message) => {
    expect(() => read(given)).toThrow(FlagError);
    expect(() => read(given)).toThrow(message);
  });

  it('can be read as far as they make sense, to tell of all that do not', () => {
    const problems: string[] = [];
    const attempt = (one: () => unknown): unknown => {
      try {
        return one();
      } catch (error) {
        problems.push((error as Error).message);
        return undefined;
      }
    };
    const given = new Map(Object.entries({ delay: 'soon', most: '0', policy: 'strict' }));
    expect(valuesOf(flags, given, attempt)).toMatchObject({ policy: 'strict', on: true });
    expect(problems).toHaveLength(2);
  });
});
