import type { Interface } from 'node:readline';
import type { DynamicPromptsFunction, NodePlopAPI } from 'node-plop';
import { nameProblem, spellings, titleProblem } from '../names/names.ts';
import type { Template } from '../templates/templates.ts';
import { type Answers, askedFor, ownerProblem, type RawAnswers } from './answers.ts';

export type Inquirer = Parameters<DynamicPromptsFunction>[0];
type Streams = NonNullable<Parameters<Inquirer['createPromptModule']>[0]>;

export interface Question {
  readonly name: string;
  readonly message: string;
  readonly type?: 'list';
  readonly choices?: readonly { readonly value: string; readonly short: string; readonly name: string }[];
  readonly default?: string | ((answers: RawAnswers) => string);
  validate?(text: string): true | string;
}

/** Streams of the prompts. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
}

// Menus hide it.
const showCursor = '\u001b[?25h';

/** Thrown if a prompt is left by Ctrl-C or Ctrl-D. */
export class Cancelled extends Error {}

export async function choose(
  inquirer: Inquirer,
  message: string,
  options: readonly { readonly name: string; readonly summary: string }[],
  terminal: Terminal,
): Promise<string> {
  const width = Math.max(...options.map((option) => option.name.length));
  const choices = options.map(({ name, summary }) => ({
    value: name,
    short: name,
    name: `${name.padEnd(width)}  ${summary}`,
  }));
  const { chosen } = await ask(inquirer, [{ type: 'list', name: 'chosen', message, choices }], {}, terminal);
  return String(chosen);
}

/** Prompts for all missing answers. */
export function askMissing(inquirer: Inquirer, template: Template, given: RawAnswers, terminal: Terminal) {
  const ways = Object.keys(template.deploy);
  const questions: Partial<Record<keyof RawAnswers, Omit<Question, 'name'>>> = {
    name: { message: 'Name, in kebab-case:', validate: accepts(nameProblem) },
    title: {
      message: 'Display title:',
      default: (answers: RawAnswers) => spellings(String(answers.name)).title,
      validate: accepts(titleProblem),
    },
    owner: { message: 'Owner, a team or a person (optional):', default: '', validate: accepts(ownerProblem) },
    port: {
      message: 'Port ("auto" takes the lowest free one):',
      default: 'auto',
      validate: (text: string) => /^(auto|[1-9][0-9]{0,4})$/.test(text) || '"auto", or a number from 1 to 65535.',
    },
    deploy: {
      message: `Deployment ("all", "none", or some of ${ways.join(',')}):`,
      default: 'all',
      validate: (text: string) =>
        ['all', 'none'].includes(text) ||
        text.split(',').every((way) => ways.includes(way)) ||
        `"all", "none", or some of ${ways.join(',')}.`,
    },
  };
  const prompts = askedFor(template).map((name) => ({ name, ...questions[name]! }));
  return ask(inquirer, prompts, given, terminal);
}

/** A check in the form that prompts use. */
export const accepts =
  (problem: (text: string) => string | undefined) =>
  (text: string): true | string =>
    problem(text) ?? true;

/** Prompts. Inquirer would end the process on Ctrl-C, and exit silently on Ctrl-D; here both reject. */
export async function ask<T extends object>(
  inquirer: Inquirer,
  questions: readonly Question[],
  given: T,
  terminal: Terminal,
): Promise<T & Record<string, unknown>> {
  const prompt = inquirer.createPromptModule({ input: terminal.stdin, output: terminal.stdout } as Streams);
  const dialogue = prompt([...questions], { ...given });
  const ui = dialogue.ui as unknown as { rl: Interface; onForceClose: () => void };
  const left = new Promise<never>((_, reject) => {
    ui.rl.removeAllListeners('SIGINT').on('SIGINT', () => ui.rl.close());
    ui.rl.on('close', () => {
      process.off('exit', ui.onForceClose);
      // It also closes after the last answer, which has resolved by then.
      setImmediate(() => reject(new Cancelled()));
      terminal.stdout.write(showCursor);
    });
  });
  return (await Promise.race([dialogue, left])) as T & Record<string, unknown>;
}

/**
 * Registers the templates with plop: each is a generator with the one action `scaffold`.
 * plop does not render: it would erase every `{{…}}` that is not its own, and leave half-written trees on errors.
 */
export function plopfile(
  plop: NodePlopAPI,
  templates: readonly Template[],
  given: RawAnswers,
  terminal: Terminal,
  scaffold: (answers: Answers) => Promise<string>,
): void {
  plop.setActionType('scaffold', (answers) => scaffold(answers as Answers));
  for (const template of templates) {
    plop.setGenerator(template.name, {
      description: template.summary,
      prompts: (inquirer) => askMissing(inquirer, template, given, terminal),
      actions: [{ type: 'scaffold' }],
    });
  }
}
