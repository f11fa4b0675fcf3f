#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { versionText } from '../run/flags/standard-flags.ts';
import { exitWith, print } from '../run/process/process.ts';
import { EXIT_USAGE, UsageError } from '../run/usage-error.ts';
import { type CommandLine, durationOf, groupOf, logOptionsOf, modeOf, readCommandLine } from './command-line.ts';
import { endBy } from './end-signals.ts';
import { help, usage } from './help.ts';
import { lateLog } from './late-log.ts';
import { PROGRAM } from './push-flags.ts';
import type { Sending } from './sending.ts';
import { sinksOf } from './sinks.ts';

await exitWith(PROGRAM, async () => {
  const line = readCommandLine(process.argv.slice(2), process.env);
  if (line.values.get('help')) {
    await print(help);
    return 0;
  }
  if (line.values.get('version')) {
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
  const dryRun = values.get('dry-run') === true;
  const spool = dryRun ? undefined : (values.get('spool') as string | undefined);
  const pushTimeoutMs = durationOf(values, 'push-timeout') ?? 10_000;
  const group = form === 'flush' ? undefined : groupOf(values);
  const to = sinksOf(values, pushTimeoutMs);
  const { log, written } = lateLog(logOptionsOf(values));
  // A little later than the gateways give up themselves: they have more to say about it.
  const sending: Sending = { to, log, pushTimeoutMs: pushTimeoutMs + 100, ...(spool === undefined ? {} : { spool }) };
  try {
    if (group === undefined) {
      if (spool === undefined) throw new UsageError('which spool shall be flushed? Give --spool=DIRECTORY.');
      const { flush } = await import('./flush.ts');
      return await flush(spool, sending);
    }
    if (command === undefined) {
      const mode = modeOf(values);
      const { pushInput, removeGroup } = await import('./push-input.ts');
      return await (form === 'delete' ? removeGroup(group, sending) : pushInput(process.stdin, group, mode, sending));
    }
    const timeoutMs = durationOf(values, 'timeout');
    const killAfterMs = durationOf(values, 'kill-after', 0) ?? 10_000;
    const limits = { killAfterMs, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const pushRequired = values.get('push-required') === true;
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
