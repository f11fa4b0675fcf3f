import { spawnSync } from 'node:child_process';
import { locatePeer } from './find.ts';

/** What `promtool check metrics` says. */
export interface PromtoolVerdict {
  /** 0: clean; 1: not an exposition; 3: readable, but the linter has something to say. */
  readonly code: number;
  /** Its lines, each starting with the family's name where the linter speaks. */
  readonly problems: readonly string[];
}

/** Runs `promtool check metrics` over a text exposition (0.0.4). */
export function promtoolCheckMetrics(text: string): PromtoolVerdict {
  const { status, stdout, stderr, error } = spawnSync(locatePeer('promtool'), ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  if (error) throw new Error(`promtool does not run: ${error.message}`, { cause: error });
  if (status === null) throw new Error(`promtool was killed: ${stderr}`);
  return { code: status, problems: `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '') };
}
