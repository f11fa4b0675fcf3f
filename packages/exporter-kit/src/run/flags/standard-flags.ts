import type { LogOptions } from '../process/log.ts';
import { FlagError } from '../usage-error.ts';
import type { Flag, FlagValues } from './flags.ts';

/** Flags of every program. */
export const commonFlags: readonly Flag[] = [
  {
    name: 'log.level',
    type: 'text',
    value: 'debug|info|warn|error',
    help: 'Least important messages to log.',
    preset: 'info',
  },
  {
    name: 'log.format',
    type: 'text',
    value: 'logfmt|json',
    help: 'How log lines are written.',
    preset: 'logfmt',
    startOnly: true,
  },
  { name: 'help', type: 'switch', help: 'Print this and exit.', commandLineOnly: true },
  { name: 'version', type: 'switch', help: 'Print the version and exit.', commandLineOnly: true },
];

/** Of exporters and jobs: the table for a README, which `flagTable` makes in a test. */
export const markdownFlag: Flag = {
  name: 'help.markdown',
  type: 'switch',
  help: 'Print the flags as a Markdown table and exit.',
  commandLineOnly: true,
  hidden: true,
};

/**
 * Reads `--log.level` and `--log.format`.
 *
 * @throws FlagError for another word than those known.
 */
export function logOptions(values: FlagValues): LogOptions {
  return {
    level: oneOf('log.level', values.get('log.level') ?? 'info', ['debug', 'info', 'warn', 'error']),
    format: oneOf('log.format', values.get('log.format') ?? 'logfmt', ['logfmt', 'json']),
  };
}

function oneOf<const T extends string>(name: string, value: unknown, words: readonly T[]): T {
  const word = words.find((w) => w === value);
  if (word === undefined) throw new FlagError(name, `${JSON.stringify(value)} is unknown; write ${words.join(', ')}.`);
  return word;
}

/** The line `--version` prints. */
export function versionText(program: string, version: string): string {
  return `${program}, version ${version} (node ${process.version}, ${process.platform}/${process.arch})\n`;
}
