import { expect, it, vi } from 'vitest';
import { blockedDestination, isBlockedDestination } from '../collect/destination.ts';
import { isPermanentFailure, permanentFailure } from './permanent-failure.ts';

it('is seen through the errors that it causes', () => {
  const cause = permanentFailure('answered 400');
  expect(isPermanentFailure(new Error('not delivered', { cause: new Error('sink', { cause }) }))).toBe(true);
  expect(isPermanentFailure(new Error('answered 500'))).toBe(false);
});

it('is seen by another copy of the kit', async () => {
  vi.resetModules();
  const copy = await import('./permanent-failure.ts');
  expect(copy.isPermanentFailure).not.toBe(isPermanentFailure);
  expect(copy.isPermanentFailure(permanentFailure('answered 400'))).toBe(true);
  const { isBlockedDestination: another } = await import('../collect/destination.ts');
  expect(another(blockedDestination('loopback'))).toBe(true);
});

it('ends where errors cause each other', () => {
  const error = new Error('a');
  error.cause = new Error('b', { cause: error });
  expect(isPermanentFailure(error)).toBe(false);
});

it('is not what a blocked destination is', () => {
  expect(isPermanentFailure(blockedDestination('loopback'))).toBe(false);
  expect(isBlockedDestination(permanentFailure('answered 400'))).toBe(false);
});
