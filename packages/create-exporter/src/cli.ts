import { readFile } from 'node:fs/promises';
import { Cancelled } from './ask/prompts.ts';
import { add } from './commands/add.ts';
import { type Command, parse, type Surroundings } from './commands/command.ts';
import { create } from './commands/create.ts';
import { doctor } from './commands/doctor.ts';
import { list } from './commands/list.ts';
import { migrate } from './commands/migrate.ts';
import { remove } from './commands/remove.ts';
import { rename } from './commands/rename.ts';
import { upgrade } from './commands/upgrade.ts';
import { progressOn } from './progress.ts';
import { UserError } from './user-error.ts';
import { openWorkspace } from './workspace/workspace.ts';

const others: readonly Command[] = [add, upgrade, list, doctor, rename, remove, migrate];

/** Runs the program; resolves to its exit code. */
export async function main(args: readonly string[], around: Surroundings): Promise<number> {
  const json = args.includes('--json');
  const say = (text: string): unknown => around.stdout.write(`${text}\n`);
  try {
    const report = await answer(args, around);
    if (typeof report === 'string') say(report);
    else say(json ? JSON.stringify({ ok: report.exitCode === 0, ...report.data }) : report.text);
    return typeof report === 'string' ? 0 : report.exitCode;
  } catch (error) {
    if (error instanceof Cancelled) {
      around.stderr.write('\nCancelled; nothing was written.\n');
      return 130;
    }
    // System errors name the path; a stack would not explain more.
    const refused = error instanceof Error && 'syscall' in error;
    if (!(error instanceof UserError) && !refused) throw error;
    const exitCode = error instanceof UserError ? error.exitCode : 1;
    if (json) say(JSON.stringify({ ok: false, exitCode, error: error.message }));
    around.stderr.write(`create-exporter: ${error.message}\n`);
    return exitCode;
  }
}

async function answer(args: readonly string[], around: Surroundings) {
  if (args.includes('--version')) return ownVersion();
  const command = [create, ...others].find(({ name }) => name === args[0]);
  const run = { around, progress: progressOn(around.stderr) };
  const rest = command === undefined ? args : args.slice(1);
  const chosen = command ?? create;
  const parsed = parse(rest, chosen.flags);
  if (!parsed.has('help')) return chosen.execute(parsed, run);
  const called = (await openWorkspace(around.cwd)).kind === 'repository' ? 'npm run new --' : 'npx create-exporter';
  const overview = command === undefined ? `\n\n${overviewText()}` : '';
  return `Usage: ${called} ${command === undefined ? '' : `${chosen.name} `}${chosen.usage}

${capital(chosen.summary)}. ${await chosen.help(run)}
  --json           print one JSON object instead of text
  -h, --help       show this
  --version        show the version${overview}

Exit codes: 0 done, 1 failed (nothing was changed), 2 drift or conflict, 64 wrong usage,
130 cancelled.`;
}

function overviewText(): string {
  const lines = others.map(({ name, summary }) => `  ${name.padEnd(9)}  ${summary}`);
  return `Commands, each with its own --help:\n${lines.join('\n')}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

async function ownVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return String((manifest as { version: string }).version);
}
