import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { nameProblem, titleProblem } from '../names/names.ts';
import type { Template } from '../templates/templates.ts';
import { UserError } from '../user-error.ts';

const notPort = 'is "auto", or a number from 1 to 65535';

/**
 * The schema of a new project's answers. Each key is a flag `--<key>`, a key of `--answers` and of
 * `.exporter.json`, and a prompt at a terminal.
 */
export const answersSchema = z.strictObject({
  template: z.string('is missing; name a template'),
  name: z.string('is missing; try one such as "acme-queue"').superRefine(by(nameProblem)),
  title: z.string().superRefine(by(titleProblem)).optional(),
  owner: z.string().superRefine(by(ownerProblem)).default(''),
  port: z
    .union([z.literal('auto'), z.coerce.number(notPort).int(notPort).min(1, notPort).max(65535, notPort)], notPort)
    .default('auto'),
  /** `all`, `none`, or some of the template's, joined by commas. */
  deploy: z
    .string()
    .regex(/^[a-z0-9]+(,[a-z0-9]+)*$/, 'is "all", "none", or a list such as "docker,systemd"')
    .default('all'),
  /** Outside of a workspace, what package.json says for exporter-kit instead of its version. */
  kit: z.string().min(1).optional(),
});

/** Checked answers. */
export type Answers = z.output<typeof answersSchema>;
/** Answers as flags, files and prompts give them. */
export type RawAnswers = { readonly [K in keyof Answers]?: string | number | undefined };

/**
 * Checks answers.
 *
 * @throws UserError (wrong usage) naming each invalid flag.
 */
export function checkAnswers(raw: RawAnswers): Answers {
  return accepted(answersSchema.safeParse(raw));
}

/** Checks only the answers given: flags, before any prompt. */
export function checkGiven(raw: RawAnswers): void {
  accepted(answersSchema.partial().safeParse(raw));
}

/** The keys of a template's answers but its own name, in the order of the prompts. */
export function askedFor(template: Pick<Template, 'port' | 'deploy'> | undefined): (keyof Answers)[] {
  return [
    'name',
    'title',
    'owner',
    ...(template?.port === undefined ? [] : (['port'] as const)),
    ...(Object.keys(template?.deploy ?? {}).length === 0 ? [] : (['deploy'] as const)),
  ];
}

/** Why an owner is invalid; `undefined` if it is valid. */
export function ownerProblem(owner: string): string | undefined {
  if (/^([\p{L}\p{N}@][\p{L}\p{N} .&@/_+-]{0,59})?$/u.test(owner)) return undefined;
  return `${JSON.stringify(owner)} is not a valid owner; use up to 60 letters, digits, spaces and . & @ / _ + - (no quotes).`;
}

function accepted<T>(result: z.ZodSafeParseResult<T>): T {
  if (result.success) return result.data;
  const said = result.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')}: is not an answer; known answers: ${Object.keys(answersSchema.shape).join(', ')}`
      : `${flagOf(issue.path[0])}: ${issue.message}`,
  );
  throw new UserError(said.join('\n'), 64);
}

/** An answer's name on the command line. */
export const flagOf = (key: PropertyKey | undefined): string =>
  key === 'template' ? '<template>' : `--${String(key)}`;

function by(problem: (text: string) => string | undefined) {
  return (text: string, context: z.RefinementCtx): void => {
    const message = problem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  };
}

/**
 * Reads `--answers`: a JSON file with answers by key, or standard input for `-`. An `.exporter.json` works as well.
 *
 * @throws UserError (wrong usage) if it can't be read or is not an object.
 */
export async function readAnswers(from: string, cwd: string, stdin: NodeJS.ReadableStream): Promise<RawAnswers> {
  const say = (problem: string, cause?: unknown): UserError =>
    new UserError(`--answers: ${from === '-' ? 'standard input' : from} ${problem}.`, 64, { cause });
  let value: unknown;
  try {
    const content = from === '-' ? await text(stdin) : await readFile(resolve(cwd, from), 'utf8');
    value = JSON.parse(content);
  } catch (error) {
    throw say(`cannot be read: ${(error as Error).message}`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw say('is not a JSON object');
  const { answers = value } = value as { answers?: unknown };
  return answers as RawAnswers;
}
