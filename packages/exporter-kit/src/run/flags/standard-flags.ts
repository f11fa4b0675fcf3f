import type { LogOptions } from '../process/log.ts';
import { type FlagsOf, flag, toggle } from './flag.ts';
import { oneOf } from './forms.ts';

/** Flags of a program's log. */
export const logFlags = (level: LogOptions['level'] = 'info'): FlagsOf<LogOptions> => ({
  level: flag({
    name: 'log.level',
    help: 'Lowest level to log.',
    default: level,
    ...oneOf('debug', 'info', 'warn', 'error'),
  }),
  format: flag({
    name: 'log.format',
    help: 'Format of log lines.',
    default: 'logfmt',
    startOnly: true,
    ...oneOf('logfmt', 'json'),
  }),
});

/** Flags that print something and exit. */
export const infoFlags: FlagsOf<{ readonly help: boolean; readonly version: boolean }> = {
  help: toggle({ name: 'help', help: 'Print this and exit.', commandLineOnly: true }),
  version: toggle({ name: 'version', help: 'Print the version and exit.', commandLineOnly: true }),
};

/** Prints the table for a README, which `flagTable` returns to a test. */
export const markdownFlag: FlagsOf<{ readonly markdown: boolean }> = {
  markdown: toggle({
    name: 'help.markdown',
    help: 'Print the flags as a Markdown table and exit.',
    commandLineOnly: true,
    hidden: true,
  }),
};

/** The line `--version` prints. */
export function versionText(program: string, version: string): string {
  return `${program}, version ${version} (node ${process.version}, ${process.platform}/${process.arch})\n`;
}
