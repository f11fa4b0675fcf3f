import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { documents, root } from './documents.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder with a folder of compiled snippets for each document. */
    snippets: string;
  }
}

const home = fileURLToPath(new URL('..', import.meta.url));
const beside = fileURLToPath(new URL('beside', import.meta.url));

/**
 * Compiles the TypeScript snippets of all documents in one program: each to the file that its first line names, in a folder
 * of its document's name, with what `beside/` has for them.
 *
 * @throws Error with the compiler's output, or for a snippet without a file name.
 */
export default async function compile(project: TestProject): Promise<() => Promise<void>> {
  await mkdir(join(home, 'dist'), { recursive: true });
  // Below this package, so that its dependencies are found.
  const folder = await mkdtemp(join(home, 'dist/snippets-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await cp(beside, folder, { recursive: true });
    for (const [name, path] of documents) await extract(join(folder, name), path);
    await writeFile(
      join(folder, 'vitest.config.js'),
      "export default { test: { include: ['**/*.test.js'], exclude: [], isolate: false } };",
    );
    const compilerOptions = { noEmit: false, rootDir: '.', outDir: '.', customConditions: [] };
    const config = { extends: '../../../../tsconfig.json', compilerOptions, include: ['**/*.ts'], exclude: [] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch(({ stdout, stderr }) => {
      throw new Error(`the snippets do not compile:\n${stdout}${stderr}`);
    });
  } catch (error) {
    await remove();
    throw error;
  }
  project.provide('snippets', folder);
  return remove;
}

/** What stands in these for Node itself is run by the tests of `packages/release`. */
const ranElsewhere: ReadonlySet<string> = new Set(['packages/docs/pages/run/bundling.md']);

/** Writes the snippets of a document; what names the same file is appended, so that a page may explain it in pieces. */
async function extract(folder: string, path: string): Promise<void> {
  const text = await readFile(join(root, path), 'utf8');
  if (/^```(js|javascript|typescript)\b/m.test(text) && !ranElsewhere.has(path))
    throw new Error(`${path} has code that is not compiled; mark it as ts.`);
  const [unnamed] = /^```ts\n(?!\/\/ \S+\.ts\n).*/m.exec(text) ?? [];
  if (unnamed !== undefined) throw new Error(`${path} has a TypeScript snippet without a file name:\n${unnamed}`);
  const files = new Map<string, string>();
  for (const [, name, code] of text.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)) {
    files.set(name!, (files.get(name!) ?? '') + code);
  }
  await mkdir(folder, { recursive: true });
  for (const [name, code] of files) await writeFile(join(folder, name), code);
}
