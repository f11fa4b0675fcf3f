import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Refusal } from '../refusal.ts';
import type { RawAnswers } from './schema.ts';

/**
 * Reads `--answers`: a JSON file with answers by key, or the standard input for `-`. A whole `.exporter.json` will do, too.
 *
 * @throws Refusal, as a mistake on the command line, when it can't be read or is not an object.
 */
export async function readAnswers(from: string, cwd: string, stdin: NodeJS.ReadableStream): Promise<RawAnswers> {
  const say = (problem: string, cause?: unknown): Refusal =>
    new Refusal(`--answers: ${from === '-' ? 'the standard input' : from} ${problem}.`, 64, { cause });
  let value: unknown;
  try {
    const content = from === '-' ? await text(stdin) : await readFile(resolve(cwd, from), 'utf8');
    value = JSON.parse(content);
  } catch (error) {
    throw say(`holds no answers: ${(error as Error).message}`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw say('is not a JSON object');
  const { answers = value } = value as { answers?: unknown };
  return answers as RawAnswers;
}
