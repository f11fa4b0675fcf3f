import { spawnSync } from 'node:child_process';
import { locatePeer } from './find.ts';
import { type Exit, runProgram } from './program.ts';

/** Result of `promtool check metrics`. */
export interface PromtoolVerdict {
  /** 0: no problems; 1: not an exposition; 3: valid, but the linter found problems. */
  readonly code: number;
  /** Its output lines; those of the linter begin with the family's name. */
  readonly problems: readonly string[];
}

/** Runs `promtool check metrics` over a text exposition (0.0.4). */
export function promtoolCheckMetrics(text: string): PromtoolVerdict {
  const { status, stdout, stderr, error } = spawnSync(locatePeer('promtool'), ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  if (error) throw new Error(`cannot run promtool: ${error.message}`, { cause: error });
  if (status === null) throw new Error(`promtool was killed: ${stderr}`);
  return { code: status, problems: `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '') };
}

/**
 * Runs promtool in a folder.
 *
 * @example
 * expect(await promtool(['check', 'rules', 'alerts.yaml'], folder)).toMatchObject({ code: 0 });
 */
export const promtool = (args: readonly string[], cwd: string): Promise<Exit> =>
  runProgram(args, { command: locatePeer('promtool'), cwd });
