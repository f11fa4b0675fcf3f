import { readFile } from 'node:fs/promises';
import { messageOf } from '../../errors/thrown.ts';

/** A secret itself, or where it is kept; it is read anew for each delivery, so that a rotated one is taken up. */
export type Secret = string | { readonly file: string } | { readonly env: string };

/**
 * Reads a secret; a line end after it is not part of it.
 *
 * @param what names it in errors, which never show it.
 * @throws Error when it is not there, or empty.
 */
export async function readSecret(secret: Secret, what: string): Promise<string> {
  if (typeof secret === 'string') return secret;
  if ('env' in secret) {
    const value = process.env[secret.env];
    if (!value) throw new Error(`${what}: the environment variable ${secret.env} is not set.`);
    return value;
  }
  const value = (await readText(secret.file, what)).replace(/\r?\n$/, '');
  if (value === '') throw new Error(`${what}: ${secret.file} is empty.`);
  return value;
}

/** @throws Error that names the file and what it is for. */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(`${what}: ${missing ? `there is no file ${file}` : messageOf(cause)}.`, { cause });
  }
}
