import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from './user-error.ts';

/**
 * Reads a JSON file by its schema; `undefined` if there is no file.
 *
 * @throws UserError if it can't be read, is not JSON, or violates the schema, naming file and place.
 */
export async function jsonFile<S extends z.ZodType>(file: string, schema: S): Promise<z.infer<S> | undefined> {
  let text: string;
  try {
    // Reading a pipe of this name would never end.
    if (!(await stat(file)).isFile()) throw new Error('it is not a file');
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new UserError(`${file} cannot be read: ${(error as Error).message}.`, 1, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${(error as Error).message}. Fix or remove it.`, 1, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new UserError(`${file} is invalid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

const absent = new Set(['ENOENT', 'ENOTDIR']);
