import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Terminal } from '../ask/prompts.ts';
import type { Disk } from '../disk/disk.ts';
import type { Progress } from '../progress.ts';
import { UserError } from '../user-error.ts';

/** The process that runs the program. */
export interface Surroundings extends Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream;
  readonly cwd: string;
  /** Given by tests. */
  readonly disk?: Disk;
}

/** What a command receives. */
export interface Run {
  readonly around: Surroundings;
  readonly progress: Progress;
}

/** A command's result: `text`, or `data` with `--json`. Exit code 2 is drift or conflict. */
export interface Report {
  readonly exitCode: 0 | 2;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A command's flags, for `parseArgs`. */
export type Flags = NonNullable<ParseArgsConfig['options']>;

/** One of the program's commands. */
export interface Command {
  readonly name: string;
  /** For the overview. */
  readonly summary: string;
  /** How it is called, after the program's name. */
  readonly usage: string;
  /** The rest of its `--help`. */
  help(run: Run): Promise<string>;
  readonly flags: Flags;
  execute(args: Parsed, run: Run): Promise<Report>;
}

/** A parsed command line. */
export interface Parsed {
  readonly words: readonly string[];
  /** The value of a flag that takes one. */
  value(flag: string): string | undefined;
  /** Whether a flag is given. */
  has(flag: string): boolean;
}

/** @throws UserError (wrong usage) for an unknown flag. */
export function parse(args: readonly string[], options: Flags): Parsed {
  const all = { ...options, help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: all });
    const found = values as Record<string, unknown>;
    return {
      words: positionals,
      value: (flag) => (typeof found[flag] === 'string' ? found[flag] : undefined),
      has: (flag) => found[flag] === true,
    };
  } catch (error) {
    const [problem] = (error as Error).message.split(/\. |\n/);
    throw new UserError(`${problem!.replace(/\.$/, '')}. See --help.`, 64, { cause: error });
  }
}

/** @throws UserError (wrong usage) for more arguments than the command accepts. */
export function atMost(words: readonly string[], most: number, hint = ''): void {
  if (words.length > most) {
    throw new UserError(`${JSON.stringify(words[most])} is an unexpected argument${hint}. See --help.`, 64);
  }
}

/** Whether prompts are possible. */
export const atTerminal = ({ stdin, stdout }: Surroundings): boolean => stdin.isTTY === true && stdout.isTTY === true;
