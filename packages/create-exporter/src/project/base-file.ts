import { join } from 'node:path';
import { bytesOf } from '../disk/disk.ts';
import { plain } from '../merge/line-ends.ts';
import { UserError } from '../user-error.ts';

/**
 * The file that keeps a project's files as they were last rendered: the base of every merge. As a patch it can be read by
 * people and git, and no linter, compiler or publisher takes it for a source.
 */
export const baseFileName = '.exporter-base.patch';

const preamble = `What the templates yielded when this project was last written; \`upgrade\` merges against it. Not to be edited.\n`;
const noNewline = '\\ No newline at end of file';

/** Writes the file; sort the paths, so that its diffs are small. */
export function baseFileText(files: ReadonlyMap<string, string>): string {
  const parts = [preamble];
  for (const [path, text] of files) {
    parts.push(`diff --git a/${path} b/${path}\nnew file mode 100644\n`);
    if (text === '') continue;
    const lines = text.split('\n');
    const ends = lines.at(-1) === '';
    if (ends) lines.pop();
    parts.push(`--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n`);
    parts.push(...lines.map((line) => `+${line}\n`), ends ? '' : `${noNewline}\n`);
  }
  return parts.join('');
}

/**
 * Parses the file.
 *
 * @throws UserError if it is damaged.
 */
export function parseBaseFile(text: string, file: string): Map<string, string> {
  const files = new Map<string, string>();
  const lines = text.split('\n');
  let at = lines.findIndex((line) => line.startsWith('diff --git '));
  while (at >= 0 && at < lines.length && lines[at] !== '') {
    const path = /^diff --git a\/(.*) b\/\1$/.exec(lines[at]!)?.[1];
    if (path === undefined || lines[at + 1] !== 'new file mode 100644') throw broken(file, at);
    at += 2;
    if (!lines[at]?.startsWith('--- ')) {
      files.set(path, '');
      continue;
    }
    const count = Number(/^@@ -0,0 \+1,(\d+) @@$/.exec(lines[at + 2] ?? '')?.[1]);
    const body = lines.slice(at + 3, at + 3 + count);
    if (body.length !== count || !body.every((line) => line.startsWith('+'))) throw broken(file, at + 2);
    at += 3 + count;
    const ends = lines[at] !== noNewline;
    if (!ends) at++;
    files.set(path, body.map((line) => line.slice(1)).join('\n') + (ends ? '\n' : ''));
  }
  return files;
}

/**
 * A project's files as they were last rendered: texts by path.
 *
 * @throws UserError if the file is missing.
 */
export async function readBase(root: string, folder: string): Promise<Map<string, string>> {
  const bytes = await bytesOf(join(root, folder, baseFileName));
  if (bytes !== undefined) return parseBaseFile(plain(Buffer.from(bytes).toString()), `${folder}/${baseFileName}`);
  throw new UserError(
    `${folder}/${baseFileName} is missing; without it your edits cannot be told from the template. Restore it from version control.`,
  );
}

const broken = (file: string, line: number): UserError =>
  new UserError(`${file}:${line + 1} was edited; restore it from version control.`);
