import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import nodePlop, { type DynamicPromptsFunction, type NodePlopAPI } from 'node-plop';
import { type CommandLine, helpText, parseCommandLine } from './command-line.ts';
import { install } from './install.ts';
import { plan } from './plan.ts';
import { plopfile } from './plopfile.ts';
import { askTemplate, Cancelled, type Terminal } from './prompts.ts';
import { Refusal } from './refusal.ts';
import { type Answers, checkAnswers, checkGiven, flagOf, type RawAnswers } from './schema.ts';
import { listTemplates, type Template, templateNamed } from './templates.ts';
import { findRoot } from './workspace.ts';
import { writeProject } from './write.ts';

/** What the command has from its process. */
export interface Surroundings extends Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream;
  readonly cwd: string;
}

/** The whole command; resolves to its exit code. */
export async function main(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    await command(args, around);
    return 0;
  } catch (error) {
    if (error instanceof Cancelled) {
      around.stderr.write('\nCancelled; nothing was written.\n');
      return 130;
    }
    if (!(error instanceof Refusal)) throw error;
    around.stderr.write(`create-exporter: ${error.message}\n`);
    return error.exitCode;
  }
}

async function command(args: readonly string[], around: Surroundings): Promise<void> {
  const line = parseCommandLine(args);
  const say = (text: string): unknown => around.stdout.write(`${text}\n`);
  if (line.version) return void say(await ownVersion());
  const root = findRoot(around.cwd);
  const templates = await listTemplates(root);
  if (line.help) return void say(helpText(templates));

  if (line.given.template !== undefined) templateNamed(String(line.given.template), templates);
  checkGiven(line.given);
  let failure: unknown;
  const plop = await nodePlop();
  const answers = await answered(plop, templates, line, around, async (complete) => {
    await make(root, complete, line, say).catch((error: unknown) => {
      failure = error;
      throw error;
    });
    return '';
  });
  const { failures } = await plop.getGenerator(answers.template).runActions(answers);
  // plop keeps only messages.
  if (failures.length > 0) throw failure ?? new Refusal(failures.map((each) => each.error).join('\n'));
}

/** Flags first; then prompts, or defaults; then one check of it all. */
async function answered(
  plop: NodePlopAPI,
  templates: readonly Template[],
  line: CommandLine,
  around: Surroundings,
  scaffold: (answers: Answers) => Promise<string>,
): Promise<Answers> {
  const atTerminal = around.stdin.isTTY === true && around.stdout.isTTY === true && !line.yes;
  const given: RawAnswers = { ...line.given };
  if (!atTerminal) requireAll(given, templates, line.yes);
  else if (given.template === undefined) {
    const { inquirer } = plop as NodePlopAPI & { inquirer: Parameters<DynamicPromptsFunction>[0] };
    Object.assign(given, { template: await askTemplate(inquirer, templates, around) });
  }
  plopfile(plop, templates, given, around, scaffold);
  const asked = atTerminal ? await plop.getGenerator(String(given.template)).runPrompts() : given;
  return checkAnswers(asked as RawAnswers);
}

/** @throws Refusal naming every flag that is missing where nobody can be asked. */
function requireAll(given: RawAnswers, templates: readonly Template[], defaults: boolean): void {
  const portless = templates.find((template) => template.name === given.template)?.port === undefined;
  const needed: (keyof RawAnswers)[] = ['template', 'name'];
  if (!defaults) needed.push('title', ...(portless ? [] : (['port'] as const)));
  const missing = needed.filter((key) => given[key] === undefined).map(flagOf);
  if (missing.length === 0) return;
  const hint = defaults ? 'It has no default.' : 'There is no terminal to ask at; give it, or --yes to take defaults.';
  throw new Refusal(`missing: ${missing.join(', ')}. ${hint} See --help.`, 64);
}

async function make(root: string, answers: Answers, line: CommandLine, say: (text: string) => void): Promise<void> {
  const project = await plan(root, answers);
  const folder = relative(root, project.directory);
  const port = project.port === undefined ? '' : `, port ${project.port}`;
  if (line.dryRun) {
    say(`${folder} would get ${project.files.size} files${port}:`);
    for (const [path, bytes] of project.files) say(`  ${path} (${bytes.length} bytes)`);
    return;
  }
  await writeProject(project.files, project.directory);
  say(`Wrote ${folder}: ${project.files.size} files${port}.`);
  if (line.install) {
    say('Updating pnpm-lock.yaml and installing …');
    await install(root, project.directory);
  }
  say(`Next:\n${project.next.map((command) => `  ${command}`).join('\n')}`);
}

async function ownVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return String((manifest as { version: string }).version);
}
