import { basename, dirname } from 'node:path';
import type { NodePlopAPI } from 'node-plop';
import {
  type Answers,
  askedFor,
  checkAnswers,
  checkGiven,
  flagOf,
  type RawAnswers,
  readAnswers,
} from '../ask/answers.ts';
import { choose, type Inquirer, plopfile } from '../ask/prompts.ts';
import { changesOf, type Plan, plan } from '../plan/create.ts';
import { unifiedDiff } from '../plan/diff.ts';
import { type Fit, fit } from '../plan/fit.ts';
import { projectTemplates, type Template, templateNamed } from '../templates/templates.ts';
import { UserError } from '../user-error.ts';
import { checksOf, verify } from '../workspace/verify.ts';
import { openWorkspace, type Workspace } from '../workspace/workspace.ts';
import { apply } from './apply.ts';
import { atMost, atTerminal, type Command, type Parsed, type Report, type Run } from './command.ts';

const answerFlags = ['name', 'title', 'owner', 'port', 'deploy', 'kit'] as const;

/** Creates a new project; the default command. */
export const create: Command = {
  name: 'create',
  summary: 'creates a new project',
  usage: '[template] [flags]',
  flags: {
    ...Object.fromEntries(answerFlags.map((name) => [name, { type: 'string' } as const])),
    answers: { type: 'string' },
    here: { type: 'boolean' },
    yes: { type: 'boolean', short: 'y' },
    'dry-run': { type: 'boolean' },
    'no-install': { type: 'boolean' },
    'no-verify': { type: 'boolean' },
  },
  async help({ around }) {
    const templates = projectTemplates((await openWorkspace(around.cwd)).templates);
    const width = Math.max(...templates.map((template) => template.name.length), 15);
    const list = templates.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
    return `At a terminal, it prompts for whatever is missing.

Templates:
${list}

Flags:
  --name=NAME      kebab-case; acme-queue makes acme-queue-exporter, or acme-queue-job
  --title=TITLE    display title (default: from the name)
  --owner=OWNER    owning team or person (default: none)
  --port=PORT      a port, or "auto" for the lowest free one from 19100 to 19999 (default: auto)
  --deploy=WAYS    "all", "none", or a list such as docker,systemd (default: all)
  --kit=SPEC       outside of a workspace: version of exporter-kit in package.json (default: the bundled one)
  --answers=FILE   JSON with these keys and "template"; "-" for standard input; flags take precedence
  --here           outside of a workspace: into this folder, which must be empty or a fresh clone
  -y, --yes        accept defaults, do not prompt
  --dry-run        print a unified diff and write nothing
  --no-install     do not touch lockfile and node_modules, do not verify
  --no-verify      do not run the new project's lint, types and tests`;
  },
  async execute(args, run) {
    atMost(args.words, 1, '; pass the name with --name');
    const { cwd } = run.around;
    let opened = await openWorkspace(cwd);
    if (args.has('here')) {
      if (opened.kind === 'repository') {
        throw new UserError('--here: in a workspace, each template has its folder; omit the flag.', 64);
      }
      opened = await openWorkspace(dirname(cwd));
    }
    // Its port must be free among its neighbours' ports.
    const { only: _, ...workspace } = opened;
    const given = await givenAnswers(args, workspace, run);
    if (atTerminal(run.around) && !args.has('yes') && !args.has('json'))
      return askAndCreate(workspace, given, args, run);
    requireAll(given, projectTemplates(workspace.templates), args.has('yes'));
    return make(workspace, checkAnswers(given), args, run);
  },
};

async function givenAnswers(args: Parsed, { templates }: Workspace, { around }: Run): Promise<RawAnswers> {
  const file = args.value('answers');
  const given: Record<string, string | number | undefined> = {
    ...(file === undefined ? {} : await readAnswers(file, around.cwd, around.stdin)),
  };
  const flags = Object.fromEntries(answerFlags.map((name) => [name, args.value(name)]));
  for (const [key, value] of Object.entries({ template: args.words[0], ...flags })) {
    if (value !== undefined) given[key] = value;
  }
  if (given.template !== undefined) templateNamed(String(given.template), projectTemplates(templates));
  checkGiven(given);
  return given;
}

/** Prompts for missing answers with plop's menu, and creates the project. */
async function askAndCreate(workspace: Workspace, given: RawAnswers, args: Parsed, run: Run): Promise<Report> {
  const templates = projectTemplates(workspace.templates);
  // Slower to load than the rest of the program, and only prompts need it.
  const plop = (await (await import('node-plop')).default()) as NodePlopAPI & { inquirer: Inquirer };
  const template = given.template ?? (await choose(plop.inquirer, 'Which template?', templates, run.around));
  let report: Report | undefined;
  let failure: unknown;
  plopfile(plop, templates, { ...given, template }, run.around, async (answers) => {
    try {
      report = await make(workspace, answers, args, run);
    } catch (error) {
      // plop keeps only messages.
      failure = error;
      throw error;
    }
    return '';
  });
  const generator = plop.getGenerator(String(template));
  const answers = checkAnswers((await generator.runPrompts()) as RawAnswers);
  const { failures } = await generator.runActions(answers);
  if (report !== undefined && failures.length === 0) return report;
  throw failure ?? new UserError(failures.map((each) => each.error).join('\n'));
}

/** @throws UserError naming all missing flags, if prompts are impossible. */
function requireAll(given: RawAnswers, templates: readonly Template[], defaults: boolean): void {
  const template = templates.find(({ name }) => name === given.template);
  const needed: (keyof RawAnswers)[] = ['template', ...(defaults ? (['name'] as const) : askedFor(template))];
  const missing = needed.filter((key) => given[key] === undefined).map(flagOf);
  if (missing.length === 0) return;
  const hint = defaults
    ? 'It has no default value.'
    : 'There is no terminal to prompt at; pass it, or --yes for defaults.';
  throw new UserError(`missing: ${missing.join(', ')}. ${hint} See --help.`, 64);
}

async function make(workspace: Workspace, answers: Answers, args: Parsed, run: Run): Promise<Report> {
  const data = (project: Plan & Fit) => {
    const { folder, packageName, template, port, pair, next, files, notes } = project;
    return {
      project: folder,
      package: packageName,
      template,
      port,
      collectors: pair,
      files: [...files.keys()],
      next,
      notes,
    };
  };
  const count = ({ folder, port }: Plan, files: number): string =>
    `${folder}: ${files} files${port === undefined ? '' : `, port ${port}`}`;
  const into = args.has('here') ? run.around.cwd : undefined;
  const installing = !args.has('no-install');
  const planned = async (unfinished: readonly string[] = []): Promise<Plan & Fit> => {
    const project = await plan(workspace, answers, into, unfinished);
    if (workspace.kind === 'repository') return { ...project, notes: [] };
    const { files, notes } = await fit(project, installing);
    return { ...project, files: new Map([...project.files, ...files]), notes };
  };
  const noted = ({ notes, pair }: Plan & Fit): string =>
    [...(pair === undefined ? [] : [`it serves the collectors of ${pair}, and has none of its own.`]), ...notes]
      .map((note) => `\nNote: ${note}`)
      .join('');
  if (args.has('dry-run')) {
    const project = await planned();
    const diff = unifiedDiff(changesOf(project).files);
    const text = `${diff}\nWould write ${count(project, project.files.size)}.${noted(project)}`;
    return { exitCode: 0, text, data: { ...data(project), dryRun: true, diff } };
  }
  const project = await apply(workspace, run, {
    ...(into !== undefined && { folder: basename(into) }),
    installing,
    async work(unfinished) {
      const made = await planned(unfinished);
      return { changes: made.resumed ? { files: new Map() } : changesOf(made), install: [made.folder], result: made };
    },
  });
  if (installing && !args.has('no-verify')) {
    for (const check of await checksOf(workspace, project.folder)) {
      await run.progress(`Verifying: ${check.name}`, () => verify(check, project.folder));
    }
  }
  const next = project.next.map((command) => `  ${command}`).join('\n');
  return {
    exitCode: 0,
    text: `Wrote ${count(project, project.files.size)}.${next === '' ? '' : `\nNext:\n${next}`}${noted(project)}`,
    data: data(project),
  };
}
