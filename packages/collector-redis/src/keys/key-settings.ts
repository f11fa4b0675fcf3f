import { z } from 'exporter-kit/config';
import { type KeyPattern, parseKeyPattern } from './key-pattern.ts';

/** A setting that is a list of keys or patterns, such as `db0=user:*`. */
export function keyPatterns(what: string) {
  return z
    .array(
      z.string().transform((text, { issues }): KeyPattern => {
        try {
          return parseKeyPattern(text);
        } catch (error) {
          issues.push({ code: 'custom', input: text, message: (error as Error).message });
          return z.NEVER;
        }
      }),
    )
    .default([])
    .describe(what);
}

/** The setting how many keys the server looks at in one step of SCAN, while it does nothing else. */
export function batchSize() {
  return z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('Keys to scan at once; the server waits for that.');
}
