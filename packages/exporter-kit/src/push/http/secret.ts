import { readFile } from 'node:fs/promises';
import { unfitForSecret } from '../../disk/secret-text.ts';
import { messageOf } from '../../errors/thrown.ts';

/** A secret, or where it is stored; read again for each delivery, so that rotation is noticed. */
export type Secret = string | { readonly file: string } | { readonly env: string };

/**
 * Reads a secret, without a trailing line break.
 *
 * @param what names it in errors, which never contain it.
 * @throws Error if it is missing, empty, or not in plain UTF-8.
 */
export async function readSecret(secret: Secret, what: string): Promise<string> {
  if (typeof secret === 'string') return secret;
  if ('env' in secret) {
    const value = process.env[secret.env];
    if (!value) throw new Error(`${what}: the environment variable ${secret.env} is not set.`);
    return value;
  }
  const text = await readText(secret.file, what);
  const why = unfitForSecret(text);
  if (why !== undefined) throw new Error(`${what}: ${secret.file} ${why}.`);
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw new Error(`${what}: ${secret.file} is empty.`);
  return value;
}

/** @throws Error naming the file and its purpose. */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(`${what}: ${missing ? `there is no file ${file}` : messageOf(cause)}.`, { cause });
  }
}
