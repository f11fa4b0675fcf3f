import { expect, it } from 'vitest';
import { goBoolean, goNumber } from './go-scalars.ts';

it.each([
  ['200', 200],
  ['+200', 200],
  ['-1', -1],
  ['0', 0],
  ['200.7', 200.7],
  ['.5', 0.5],
  ['1.', 1],
  ['2e2', 200],
  ['0xC8', 200],
  ['-0x10', -16],
  ['0o17', 15],
  ['0310', 200],
  ['08', 8],
  ['0b101', 5],
  ['1_000', 1000],
  ['_1', undefined],
  ['1e', undefined],
  ['.inf', undefined],
  ['1.5s', undefined],
  ['', undefined],
  ['0x', undefined],
])('%s is the number %s', (text, number) => {
  expect(goNumber({ text, plain: true })).toBe(number);
  expect(goNumber({ text, plain: false })).toBeUndefined();
});

it.each([
  ['true', true, undefined],
  ['TRUE', true, undefined],
  ['False', false, undefined],
  ['yes', true, true],
  ['On', true, true],
  ['n', false, false],
  ['OFF', false, false],
  ['yEs', undefined, undefined],
  ['1', undefined, undefined],
  ['', undefined, undefined],
])('%s is %s, in quotes %s', (text, plain, quoted) => {
  expect(goBoolean({ text, plain: true })).toBe(plain);
  expect(goBoolean({ text, plain: false })).toBe(quoted);
});
