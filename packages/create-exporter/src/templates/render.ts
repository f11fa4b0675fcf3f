import type { Rename } from '../names/rename.ts';
import { Refusal } from '../refusal.ts';

/**
 * A template's files under a new name: paths and content. What is not UTF-8 stays as it is.
 *
 * @throws Refusal, as a mistake on the command line, when two files would get one path.
 */
export function render(files: ReadonlyMap<string, Uint8Array>, rename: Rename): Map<string, Uint8Array> {
  const rendered = new Map<string, Uint8Array>();
  for (const [path, bytes] of files) {
    const renamed = rename(path);
    if (rendered.has(renamed)) throw new Refusal(`--name: the template has a file ${renamed} already; add a word.`, 64);
    rendered.set(renamed, renameBytes(bytes, rename));
  }
  return rendered;
}

function renameBytes(bytes: Uint8Array, rename: Rename): Uint8Array {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    return bytes;
  }
  return new TextEncoder().encode(rename(text));
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
