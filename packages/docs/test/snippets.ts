import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const exec = promisify(execFile);
export const root = fileURLToPath(new URL('../../..', import.meta.url));
const home = fileURLToPath(new URL('..', import.meta.url));
export const vitest = join(root, 'node_modules/vitest/vitest.mjs');

/**
 * Compiles the TypeScript snippets of a page, each to the file named in its first line, with `others`.
 *
 * @returns the folder.
 * @throws Error with the compiler's output, or for a snippet without a file name.
 */
export async function compiledSnippets(
  page: string,
  others: { readonly [file: string]: string } = {},
): Promise<string> {
  const text = await readFile(join(root, page), 'utf8');
  const unnamed = [...text.matchAll(/^```ts\n(?!\/\/ \S+\.ts\n).*/gm)];
  if (unnamed.length > 0) throw new Error(`${page} has a TypeScript snippet without a file name:\n${unnamed[0]![0]}`);
  // Below this package, so that its dependencies are found.
  await mkdir(join(home, 'dist'), { recursive: true });
  const folder = await mkdtemp(join(home, 'dist/snippets-'));
  const pieces = [...text.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)].map(
    ([, name, code]) => [name!, code!] as const,
  );
  for (const [name, code] of [...pieces, ...Object.entries(others)]) await writeFile(join(folder, name), code);
  await writeFile(
    join(folder, 'vitest.config.js'),
    "export default { test: { include: ['*.test.js'], exclude: [] } };",
  );
  const options = { noEmit: false, rootDir: '.', outDir: '.', customConditions: [] };
  const config = { extends: '../../../../tsconfig.json', compilerOptions: options, include: ['*.ts'], exclude: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await exec(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]).catch((error) => {
    throw new Error(`the snippets of ${page} do not compile:\n${error.stdout}`);
  });
  return folder;
}
