import { createHash } from 'node:crypto';
import { baseFileName, baseFileText } from './base-file.ts';
import { type ExporterFile, exporterFileName, exporterFileText } from './exporter-file.ts';

/**
 * The two files that remember how a project was rendered: `.exporter.json` with each file's hash, and the base. What is not
 * text is remembered by its hash only.
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

/** Bytes as text; `undefined` when they are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
