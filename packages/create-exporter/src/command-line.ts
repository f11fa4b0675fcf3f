import { parseArgs } from 'node:util';
import { Refusal } from './refusal.ts';
import type { RawAnswers } from './schema.ts';
import type { Template } from './templates.ts';

/** What the command line says. */
export interface CommandLine {
  readonly given: RawAnswers;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly install: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** @throws Refusal, as a mistake on the command line, for what it does not know. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parsed(args);
  const [template, ...rest] = positionals;
  if (rest.length > 0) {
    throw new Refusal(`${JSON.stringify(rest[0])} is one word too many; the name goes to --name. See --help.`, 64);
  }
  const { name, title, port } = values;
  const all = { template, name, title, port };
  return {
    given: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
    yes: values.yes ?? false,
    dryRun: values['dry-run'] ?? false,
    install: !(values['no-install'] ?? false),
    help: values.help ?? false,
    version: values.version ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        title: { type: 'string' },
        port: { type: 'string' },
        yes: { type: 'boolean', short: 'y' },
        'dry-run': { type: 'boolean' },
        'no-install': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    const [problem] = (error as Error).message.split(/\. |\n/);
    throw new Refusal(`${problem!.replace(/\.$/, '')}. See --help.`, 64, { cause: error });
  }
}

/** The answer to --help. */
export function helpText(templates: readonly Template[]): string {
  const width = Math.max(...templates.map((template) => template.name.length), 14);
  const list = templates.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
  return `Usage: npm run new -- [template] [flags]

Writes a new project into this workspace, whole or not at all. What is not given is asked for at a terminal.

Templates:
${list}

Flags:
  --name=NAME     kebab-case; acme-queue makes apps/acme-queue-exporter, or apps/acme-queue-job
  --title=TITLE   as people write it (default: from the name)
  --port=PORT     a port, or "auto" for the lowest free one from 19100 to 19999 (default: auto)
  -y, --yes       take the defaults, ask nothing
  --dry-run       list the files, write nothing
  --no-install    leave lockfile and node_modules alone
  -h, --help      show this
  --version       show the version

Exit codes: 0 done, 1 failed (nothing is left behind), 64 a mistake on the command line, 130 cancelled.`;
}
