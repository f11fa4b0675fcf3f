import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../user-error.ts';

const run = promisify(execFile);

/**
 * Files as formatted by the workspace's Biome: a rename changes the length of lines and the order of imports. Without Biome
 * they are returned unchanged.
 *
 * @throws UserError with Biome's findings that it cannot fix.
 */
export async function formatted(
  files: ReadonlyMap<string, Uint8Array>,
  root: string,
): Promise<Map<string, Uint8Array>> {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  if (!existsSync(biome)) return new Map(files);
  const folder = await mkdtemp(join(tmpdir(), 'create-exporter-'));
  try {
    for (const [path, bytes] of files) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes, { flag: 'wx' });
    }
    // With a configuration beside them: from the workspace's root it would scan the whole workspace first.
    await copyFile(join(root, 'biome.json'), join(folder, 'biome.json'));
    // Whether git ignores the place does not matter here.
    const args = ['check', '--write', '--vcs-enabled=false', '--colors=off', '.'];
    await run(process.execPath, [biome, ...args], { cwd: folder, maxBuffer: 2 ** 24 });
    const out = new Map<string, Uint8Array>();
    for (const path of files.keys()) out.set(path, await readFile(join(folder, path)));
    return out;
  } catch (error) {
    const { stdout = '', stderr = (error as Error).message } = error as { stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim();
    throw new UserError(`Biome rejects the rendered template:\n${said}`, 1, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
