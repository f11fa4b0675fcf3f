import type { Interface } from 'node:readline';
import type { DynamicPromptsFunction } from 'node-plop';
import { nameProblem, spellings, titleProblem } from './names.ts';
import type { RawAnswers } from './schema.ts';
import type { Template } from './templates.ts';

type Inquirer = Parameters<DynamicPromptsFunction>[0];
type Streams = NonNullable<Parameters<Inquirer['createPromptModule']>[0]>;

interface Question {
  readonly name: keyof RawAnswers;
  readonly message: string;
  readonly type?: 'list';
  readonly choices?: readonly { readonly value: string; readonly short: string; readonly name: string }[];
  readonly default?: string | ((answers: RawAnswers) => string);
  validate?(text: string): true | string;
}

/** Where prompts are shown and answered. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
}

/** A menu hides it. */
const showCursor = '\u001b[?25h';

/** Thrown when a prompt is left by Ctrl-C or Ctrl-D. */
export class Cancelled extends Error {}

/** Asks for the template. */
export async function askTemplate(inquirer: Inquirer, templates: readonly Template[], terminal: Terminal) {
  const width = Math.max(...templates.map((template) => template.name.length));
  const choices = templates.map(({ name, summary }) => ({
    value: name,
    short: name,
    name: `${name.padEnd(width)}  ${summary}`,
  }));
  const question: Question = { type: 'list', name: 'template', message: 'What shall it be?', choices };
  const { template } = await ask(inquirer, [question], {}, terminal);
  return String(template);
}

/** Asks for everything that is not given yet. */
export function askMissing(inquirer: Inquirer, template: Template, given: RawAnswers, terminal: Terminal) {
  const name: Question = {
    name: 'name',
    message: 'Name, in kebab-case:',
    validate: (text: string) => nameProblem(text) ?? true,
  };
  const title: Question = {
    name: 'title',
    message: 'Title, as people write it:',
    default: (answers: RawAnswers) => spellings(String(answers.name)).title,
    validate: (text: string) => titleProblem(text) ?? true,
  };
  const port: Question = {
    name: 'port',
    message: 'Port ("auto" takes the lowest free one):',
    default: 'auto',
    validate: (text: string) => /^(auto|[1-9][0-9]{0,4})$/.test(text) || '"auto", or a number from 1 to 65535.',
  };
  return ask(inquirer, template.port === undefined ? [name, title] : [name, title, port], given, terminal);
}

/** One dialogue. Inquirer would end the process by a signal on Ctrl-C, and silently on Ctrl-D; here both reject. */
async function ask(inquirer: Inquirer, questions: readonly Question[], given: RawAnswers, terminal: Terminal) {
  const prompt = inquirer.createPromptModule({ input: terminal.stdin, output: terminal.stdout } as Streams);
  const dialogue = prompt([...questions], { ...given });
  const ui = dialogue.ui as unknown as { rl: Interface; onForceClose: () => void };
  const left = new Promise<never>((_, reject) => {
    ui.rl.removeAllListeners('SIGINT').on('SIGINT', () => ui.rl.close());
    ui.rl.on('close', () => {
      process.off('exit', ui.onForceClose);
      // It closes after the last answer as well; that comes first then.
      setImmediate(() => reject(new Cancelled()));
      terminal.stdout.write(showCursor);
    });
  });
  return (await Promise.race([dialogue, left])) as RawAnswers;
}
