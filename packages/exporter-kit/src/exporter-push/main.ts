#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { versionText } from '../run/flags/standard-flags.ts';
import { exitWith, print } from '../run/process/process.ts';
import { EXIT_USAGE, UsageError } from '../run/usage-error.ts';
import { type CommandLine, groupOf, readCommandLine } from './command-line.ts';
import { endBy } from './ending.ts';
import { help, usage } from './help.ts';
import { lateLog } from './late-log.ts';
import { PROGRAM } from './push-flags.ts';
import type { Sending } from './sinks.ts';
import { sinksOf } from './sinks.ts';

await exitWith(PROGRAM, async () => {
  const line = readCommandLine(process.argv.slice(2), process.env);
  if (line.values.help) {
    await print(help);
    return 0;
  }
  if (line.values.version) {
    await print(versionText(PROGRAM, versionOfKit()));
    return 0;
  }
  return act(line);
});

async function act({ form, values, command }: CommandLine): Promise<number> {
  if (form === 'input' && isatty(0)) {
    process.stderr.write(`${usage}Standard input is a terminal: give a command after --, or a file. See --help.\n`);
    return EXIT_USAGE;
  }
  const { mode, timeoutMs, killAfterMs, pushTimeoutMs, pushRequired } = values;
  const spool = values.dryRun ? undefined : values.spool;
  const group = form === 'flush' ? undefined : groupOf(values);
  const to = sinksOf(values).filter(({ remove }) => form !== 'delete' || remove !== undefined);
  if (to.length === 0) throw new UsageError('--delete: a remote write endpoint has no groups; name a gateway.');
  const { log, written } = lateLog(values);
  // A little longer than the gateways' own timeout, whose error tells more.
  const sending: Sending = { to, log, pushTimeoutMs: pushTimeoutMs + 100, ...(spool === undefined ? {} : { spool }) };
  try {
    if (group === undefined) {
      if (spool === undefined) throw new UsageError('the spool is missing; give --spool=DIRECTORY.');
      const { flush } = await import('./without-command.ts');
      return await flush(spool, sending);
    }
    if (command === undefined) {
      const { pushInput, removeGroup } = await import('./without-command.ts');
      return await (form === 'delete' ? removeGroup(group, sending) : pushInput(process.stdin, group, mode, sending));
    }
    const limits = { killAfterMs, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const { wrap } = await import('./wrap.ts');
    const { exitCode, signal } = await wrap(command, { ...sending, ...limits, group, pushRequired, env: process.env });
    await written();
    return signal === undefined ? exitCode : await endBy(signal);
  } finally {
    await written();
  }
}

/** This file is bundled into the kit's `dist`. */
function versionOfKit(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
