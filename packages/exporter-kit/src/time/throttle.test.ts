import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throttle } from './throttle.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

describe('a throttle', () => {
  it('lets one through at first, and the next once its time is over', () => {
    const due = throttle(1000);
    expect([due(), due()]).toEqual([true, false]);
    vi.advanceTimersByTime(999);
    expect(due()).toBe(false);
    vi.advanceTimersByTime(1);
    expect([due(), due()]).toEqual([true, false]);
  });

  it('counts each key on its own; without a time, once', () => {
    const due = throttle();
    expect([due('a'), due('b'), due('a')]).toEqual([true, true, false]);
    vi.advanceTimersByTime(1e9);
    expect([due('a'), due('c')]).toEqual([false, true]);
  });
});
