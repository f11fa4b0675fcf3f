#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { exitWith, print } from '../process.ts';
import { versionText } from '../standard-flags.ts';
import { EXIT_USAGE } from '../usage-error.ts';
import { type CommandLine, durationOf, groupOf, logOptionsOf, modeOf, readCommandLine } from './command-line.ts';
import { endBy } from './end-signals.ts';
import { help, usage } from './help.ts';
import { lateLog } from './late-log.ts';
import { PROGRAM } from './push-flags.ts';
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

async function act({ values, command }: CommandLine): Promise<number> {
  if (command === undefined && !values.get('delete') && isatty(0)) {
    process.stderr.write(`${usage}Standard input is a terminal: give a command after --, or a file. See --help.\n`);
    return EXIT_USAGE;
  }
  const group = groupOf(values);
  const to = sinksOf(values);
  const { log, written } = lateLog(logOptionsOf(values));
  try {
    if (values.get('delete')) {
      const { removeGroup } = await import('./remove-group.ts');
      return await removeGroup(group, to, log);
    }
    if (command === undefined) {
      const { pushInput } = await import('./push-input.ts');
      return await pushInput(process.stdin, { group, mode: modeOf(values), to, log });
    }
    const timeoutMs = durationOf(values, 'timeout');
    const killAfterMs = durationOf(values, 'kill-after') ?? 10_000;
    const { wrap } = await import('./wrap.ts');
    const limits = { killAfterMs, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const { exitCode, signal } = await wrap(command, { group, to, env: process.env, log, ...limits });
    if (signal === undefined) return exitCode;
    await written();
    return await endBy(signal);
  } finally {
    await written();
  }
}

/** This file is bundled into the kit's `dist`. */
function versionOfKit(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
