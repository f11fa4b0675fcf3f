import type { NodePlopAPI } from 'node-plop';
import { readAnswers } from '../ask/answers.ts';
import { accepts, ask, choose, type Inquirer, type Question } from '../ask/prompts.ts';
import { nameProblem, spellings, titleProblem } from '../names/names.ts';
import { type AddPlan, addTo, type Wish } from '../plan/add.ts';
import { unifiedDiff } from '../plan/diff.ts';
import { writeViews } from '../project/views.ts';
import { type Kind, kinds } from '../templates/templates.ts';
import { UserError } from '../user-error.ts';
import { isProject, members, type Project, projectNamed } from '../workspace/members.ts';
import { useOf } from '../workspace/shared.ts';
import { refuseDirty } from '../workspace/uncommitted.ts';
import { openWorkspace, type Workspace } from '../workspace/workspace.ts';
import { apply } from './apply.ts';
import { atMost, atTerminal, type Command, type Parsed, type Report, type Run } from './command.ts';

/** The answers: each a flag or an argument, and a key of `--answers`. */
type Asked = { kind?: string; name?: string; to?: string; title?: string };

/** Adds a collector, a probe or a job to a project. */
export const add: Command = {
  name: 'add',
  summary: 'adds a collector, a probe or a job to a project',
  usage: '[collector | probe | job] [name] [flags]',
  flags: {
    to: { type: 'string' },
    title: { type: 'string' },
    answers: { type: 'string' },
    yes: { type: 'boolean', short: 'y' },
    'dry-run': { type: 'boolean' },
    'no-install': { type: 'boolean' },
    'allow-dirty': { type: 'boolean' },
  },
  async help({ around }) {
    const { shared } = await openWorkspace(around.cwd);
    const list = shared.map(({ name, collectors }) => `  ${name.padEnd(15)}  ${useOf(collectors)}`).join('\n');
    return `It writes new files; your code is not edited.

Shared collectors, added by name:
${list === '' ? '  none' : list}

Flags:
  --to=PROJECT     its folder, package or name (default: the project around the current folder)
  --title=TITLE    display title (default: from the name)
  --answers=FILE   JSON with the keys kind, name, to, title; "-" for standard input; arguments take precedence
  -y, --yes        accept defaults, do not prompt
  --dry-run        print a unified diff and write nothing
  --no-install     do not touch lockfile and node_modules
  --allow-dirty    continue although git could not restore the current files`;
  },
  async execute(args, run) {
    atMost(args.words, 2);
    const { cwd } = run.around;
    const { to, ...wish } = await answered(args, await openWorkspace(cwd, args.value('to')), run);
    const workspace = await openWorkspace(cwd, to);
    const project = async (): Promise<Project> => projectNamed(to, await members(workspace), workspace.root, cwd);
    if (args.has('dry-run')) return report(await addTo(await project(), wish, workspace), wish, true);
    const plan = await apply(workspace, run, {
      folder: (await project()).folder,
      installing: !args.has('no-install'),
      async work() {
        const result = await addTo(await project(), wish, workspace);
        if (!args.has('allow-dirty')) await refuseDirty(workspace, result.folder, { files: result.changes });
        return { changes: { files: result.changes }, install: result.dependencies ? [result.folder] : [], result };
      },
    });
    return report(plan, wish, false);
  },
};

async function answered(args: Parsed, workspace: Workspace, run: Run): Promise<Wish & { to?: string | undefined }> {
  const { around } = run;
  const file = args.value('answers');
  const given: Asked = file === undefined ? {} : ((await readAnswers(file, around.cwd, around.stdin)) as Asked);
  const [kind, name] = args.words;
  for (const [key, value] of Object.entries({ kind, name, to: args.value('to'), title: args.value('title') })) {
    if (value !== undefined) given[key as keyof Asked] = value;
  }
  const unknown = Object.keys(given).find((key) => !['kind', 'name', 'to', 'title'].includes(key));
  if (unknown !== undefined)
    throw new UserError(`${unknown}: is not an answer; known answers: kind, name, to, title`, 64);
  check(given, workspace);
  if (atTerminal(around) && !args.has('yes') && !args.has('json')) await askFor(given, workspace, run);
  const missing = (['kind', 'name'] as const).filter((key) => given[key] === undefined).map((key) => `<${key}>`);
  if (missing.length > 0) throw new UserError(`missing: ${missing.join(', ')}. See --help.`, 64);
  check(given, workspace);
  const { to, title } = given;
  return { kind: given.kind as Kind, name: given.name!, ...(title === undefined ? {} : { title }), to };
}

/** @throws UserError (wrong usage) naming the invalid answer. */
function check({ kind, name, title }: Asked, { shared }: Workspace): void {
  if (kind !== undefined && !(kinds as readonly string[]).includes(kind)) {
    throw new UserError(`<kind>: ${JSON.stringify(kind)} cannot be added; choose from ${kinds.join(', ')}.`, 64);
  }
  const known = shared.some((each) => each.name === name);
  if (name?.startsWith('@') === true && !known) {
    const list = shared.map((each) => each.name).join(', ') || 'none';
    throw new UserError(`<name>: ${name} is not a package of collectors here; known are: ${list}.`, 64);
  }
  const problem = name === undefined || known ? undefined : nameProblem(name);
  if (problem !== undefined) throw new UserError(`<name>: ${problem}`, 64);
  const untitled = title === undefined ? undefined : titleProblem(title);
  if (untitled !== undefined) throw new UserError(`--title: ${untitled}`, 64);
}

async function askFor(given: Asked, workspace: Workspace, { around }: Run): Promise<void> {
  // Slow to load, and only prompts need it.
  const { inquirer } = (await (await import('node-plop')).default()) as NodePlopAPI & { inquirer: Inquirer };
  const projects = (await members(workspace)).filter(isProject).filter(({ about }) => about.template !== null);
  if (given.to === undefined && projects.length > 0) {
    const options = projects.map(({ folder, about }) => ({ name: folder, summary: String(about.template) }));
    given.to = await choose(inquirer, 'Add to which project?', options, around);
  }
  const pieces = workspace.templates.flatMap(({ adds, summary }) =>
    adds === undefined ? [] : [{ name: adds.kind, summary }],
  );
  given.kind ??= await choose(inquirer, 'What do you want to add?', pieces, around);
  if (given.kind === 'collector' && given.name === undefined && workspace.shared.length > 0) {
    const options = [
      { name: 'new', summary: 'a collector of your own' },
      ...workspace.shared.map(({ name, metrics }) => ({ name, summary: `shared; ${metrics.length} metrics` })),
    ];
    const chosen = await choose(inquirer, 'Which collector?', options, around);
    if (chosen !== 'new') given.name = chosen;
  }
  if (given.name !== undefined) return;
  const questions: Question[] = [
    { name: 'name', message: 'Name, in kebab-case:', validate: accepts(nameProblem) },
    {
      name: 'title',
      message: 'Display title:',
      default: (answers) => spellings(String(answers.name)).title,
      validate: accepts(titleProblem),
    },
  ];
  const { name, title } = await ask(inquirer, questions, given, around);
  Object.assign(given, { name, title });
}

/** Where the settings of a source are. */
const settings = (source: string): string =>
  `\nIts settings are the flags --${source}.* (see --help), or the key ${source} of the config file: one target, or a map "targets".`;

function report({ folder, changes, source, byHand, hasViews }: AddPlan, { kind, name }: Wish, dry: boolean): Report {
  const paths = [...changes.keys()];
  const diff = dry ? unifiedDiff(changes) : '';
  const lines = paths.map((path) => `  ${path}`);
  const hints = byHand.map((hint) => `\nTo do by hand: ${hint}`);
  return {
    exitCode: 0,
    text: [
      ...(dry ? [diff] : []),
      `${dry ? 'Would add' : 'Added'} ${kind} ${name} to ${folder}:`,
      ...lines,
      ...(source === undefined ? [] : [settings(source)]),
      ...hints,
      ...(hasViews ? [writeViews(folder)] : []),
    ].join('\n'),
    data: {
      project: folder,
      kind,
      name,
      files: paths,
      ...(source === undefined ? {} : { source }),
      byHand,
      ...(dry ? { dryRun: true, diff } : {}),
    },
  };
}
