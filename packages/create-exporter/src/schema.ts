import { z } from 'zod';
import { nameProblem, titleProblem } from './names.ts';
import { Refusal } from './refusal.ts';

const notPort = 'is "auto", or a number from 1 to 65535';

/** The one schema of everything that is asked. Each key is a prompt, a flag `--<key>`, and a key of `.exporter.json`. */
export const answersSchema = z.strictObject({
  template: z.string('is missing; name a template'),
  name: z.string('is missing; try one such as "acme-queue"').superRefine(by(nameProblem)),
  title: z.string().superRefine(by(titleProblem)).optional(),
  port: z
    .union([z.literal('auto'), z.coerce.number(notPort).int(notPort).min(1, notPort).max(65535, notPort)], notPort)
    .default('auto'),
});

/** Checked answers. */
export type Answers = z.output<typeof answersSchema>;
/** Answers as flags and prompts give them. */
export type RawAnswers = { readonly [K in keyof Answers]?: string | number | undefined };

/**
 * Checks answers.
 *
 * @throws Refusal, as a mistake on the command line, naming each flag that is at fault.
 */
export function checkAnswers(raw: RawAnswers): Answers {
  return accepted(answersSchema.safeParse(raw));
}

/** Checks only what is there: flags, before anything is asked. */
export function checkGiven(raw: RawAnswers): void {
  accepted(answersSchema.partial().safeParse(raw));
}

function accepted<T>(result: z.ZodSafeParseResult<T>): T {
  if (result.success) return result.data;
  throw new Refusal(result.error.issues.map((issue) => `${flagOf(issue.path[0])}: ${issue.message}`).join('\n'), 64);
}

/** How the command line spells an answer. */
export const flagOf = (key: PropertyKey | undefined): string =>
  key === 'template' ? '<template>' : `--${String(key)}`;

function by(problem: (text: string) => string | undefined) {
  return (text: string, context: z.RefinementCtx): void => {
    const message = problem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  };
}
