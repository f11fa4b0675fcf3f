import type { NodePlopAPI } from 'node-plop';
import type { Template } from '../templates/templates.ts';
import { askMissing, type Terminal } from './prompts.ts';
import type { Answers, RawAnswers } from './schema.ts';

/**
 * Tells plop about the templates: each is a generator, and all have the one action `scaffold`.
 * plop renders nothing: its templates would erase every `{{…}}` that is not its own, and it leaves half trees on errors.
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
