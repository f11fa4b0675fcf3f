import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Logger } from '../../src/collect/context.ts';
import { encodeToString, text } from '../../src/encode/encode.ts';
import type { Delivery, Sink } from '../../src/push/sink.ts';

/** What a sink was given, as sample lines. */
export interface Got {
  readonly job: string;
  readonly mode: Delivery['mode'] | 'remove';
  readonly lines: readonly string[];
}

/** A sink that remembers what it was given, once `trouble` has let it through. */
export function memory(name = 'memory', trouble: () => unknown = () => {}): Sink & { readonly got: Got[] } {
  const got: Got[] = [];
  return {
    name,
    got,
    async deliver({ job, mode, snapshot }) {
      const lines = encodeToString(snapshot, text).split('\n');
      await trouble();
      got.push({ job, mode, lines: lines.filter((line) => line !== '' && !line.startsWith('#')) });
    },
    async remove({ job }) {
      await trouble();
      got.push({ job, mode: 'remove', lines: [] });
    },
  };
}

/** The families of sample lines. */
export const names = (lines: readonly string[]): string[] => lines.map((line) => line.split(/[ {]/)[0]!);

/** A folder that goes with the test. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'push-test-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** A log that remembers its lines, as `level message {facts}`. */
export function remembering(): Logger & { readonly said: string[] } {
  const said: string[] = [];
  const say =
    (level: string) =>
    (facts: object, message: string): void => {
      const told = Object.entries(facts).map(([key, value]) => [key, value instanceof Error ? value.message : value]);
      said.push(`${level} ${message} ${JSON.stringify(Object.fromEntries(told))}`);
    };
  return { said, debug() {}, info: say('info'), warn: say('warn'), error: say('error') };
}
