import { LONGEST_TIMER_MS, parseDuration, writeDuration } from '../../time/duration.ts';
import type { Form } from './flag.ts';

/** Text as it is, or as `check` returns it. */
export function text(value: string, check: (text: string) => string = (text) => text): Form<string> {
  return { value, parse: check };
}

/** A whole number between two bounds. */
export function wholeNumber(least: number, most: number): Form<number> {
  return {
    value: 'NUMBER',
    parse(text) {
      const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (number >= least && number <= most) return number;
      throw new Error(`${JSON.stringify(text)} is not a whole number from ${least} to ${most}.`);
    },
  };
}

/** A duration, in milliseconds. With bounds, it is one that a timer can wait for. */
export function duration(leastMs?: number): Form<number> {
  return {
    value: 'DURATION',
    parse(text) {
      const ms = parseDuration(text);
      if (leastMs === undefined) return ms;
      if (ms > LONGEST_TIMER_MS) throw new Error(`${text} is too long; write 24d at the most.`);
      if (ms < leastMs) throw new Error(`${text} is too short; write 1s, or leave the flag out.`);
      return ms;
    },
    write: writeDuration,
  };
}

/** One of several words. */
export function oneOf<const T extends string>(...words: readonly T[]): Form<T> {
  return {
    value: words.join('|'),
    parse(text) {
      const word = words.find((one) => one === text);
      if (word !== undefined) return word;
      throw new Error(`${JSON.stringify(text)} is unknown; write ${words.join(', ')}.`);
    },
  };
}
