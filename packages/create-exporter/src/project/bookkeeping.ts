import { createHash } from 'node:crypto';
import { laidOutLike } from '../merge/json.ts';
import { endedLike, plain } from '../merge/line-ends.ts';
import { baseFileName, baseFileText } from './base-file.ts';
import { type ExporterFile, exporterFileName, exporterFileText } from './exporter-file.ts';

/**
 * The two files that record how a project was rendered: `.exporter.json` with each file's hash, and the base. Of binary
 * files only the hash is kept.
 */
export function bookkeeping(about: ExporterFile, rendered: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  const texts = new Map<string, string>();
  const files: Record<string, string> = {};
  for (const [path, bytes] of rendered) {
    files[path] = hashOf(bytes);
    const text = textOf(bytes);
    if (text !== undefined) texts.set(path, text);
  }
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  return new Map([
    [exporterFileName, encode(exporterFileText({ ...about, files }))],
    [baseFileName, encode(baseFileText(texts))],
  ]);
}

/** SHA-256, in hex. */
export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes as text; `undefined` if they are not UTF-8, or contain a NUL. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return bytes.includes(0) ? undefined : strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Text with the line ends of templates, as a checkout may have others; other bytes unchanged. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  const text = textOf(bytes);
  return text === undefined ? bytes : new TextEncoder().encode(plain(text));
}

/** Plain text with the line ends of the earlier content; other bytes unchanged. */
export function endedBytes(bytes: Uint8Array, model: Uint8Array | undefined): Uint8Array {
  const [text, like] = [textOf(bytes), model === undefined ? undefined : textOf(model)];
  return text === undefined || like === undefined ? bytes : new TextEncoder().encode(endedLike(text, like));
}

/** A JSON file with the layout, too, that the earlier content has. */
export function laidOutBytes(path: string, bytes: Uint8Array, model: Uint8Array | undefined): Uint8Array {
  const like = model === undefined ? undefined : textOf(model);
  if (!path.endsWith('.json') || like === undefined) return endedBytes(bytes, model);
  const text = laidOutLike(Buffer.from(bytes).toString(), plain(like));
  return new TextEncoder().encode(endedLike(text, like));
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
