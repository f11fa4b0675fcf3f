import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { MARK } from '../../views/mark.ts';
import { driftOf, written } from './command.ts';
import { compareFolder } from './files.ts';

const files = new Map([
  ['METRICS.md', `# A\n${MARK}\nb\n`],
  ['metrics.lock.json', `{"generated":"${MARK}"}\n`],
]);

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'views-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}
const write = async (path: string): Promise<string> => written(path, files, await compareFolder(path, files));
const drift = async (path: string): Promise<string[]> =>
  driftOf('views', files, await compareFolder(path, files)).map((text) => text.split('\n')[0]!);

it('writes a folder that is missing, and then only what differs', async () => {
  const path = join(await folder(), 'a/views');
  expect(await drift(path)).toEqual(['views/METRICS.md is missing', 'views/metrics.lock.json is missing']);
  expect(await write(path)).toMatch(/2 of 2 files written\n$/);
  expect(await drift(path)).toEqual([]);
  await writeFile(join(path, 'METRICS.md'), `# A\n${MARK}\nchanged\n`);
  expect(driftOf('views', files, await compareFolder(path, files))).toEqual([
    `views/METRICS.md differs (- as it is, + as declared):\nline 3:\n  # A\n  ${MARK}\n- changed\n+ b`,
  ]);
  expect(await write(path)).toMatch(/1 of 2 files written\n$/);
  expect(await readdir(path)).toEqual([...files.keys()]);
});

it('accepts the line ends of Windows', async () => {
  const path = await folder();
  await write(path);
  await writeFile(join(path, 'METRICS.md'), files.get('METRICS.md')!.replaceAll('\n', '\r\n'));
  expect(await drift(path)).toEqual([]);
});

it('leaves files of others alone, and names generated ones that are no longer', async () => {
  const path = await folder();
  await writeFile(join(path, 'notes.md'), 'mine');
  await writeFile(join(path, 'old.yaml'), `# ${MARK}`);
  expect(await write(path)).toContain('old.yaml is no longer generated; remove it\n');
  expect(await drift(path)).toEqual(['views/old.yaml is no longer generated; remove it']);
  expect(await readFile(join(path, 'notes.md'), 'utf8')).toBe('mine');
});

it.each([
  ['a file of somebody else', (at: string) => writeFile(at, 'mine'), /METRICS\.md was not generated/],
  ['a link', (at: string) => symlink('/etc/hostname', at), /METRICS\.md is a link/],
  ['a link to nothing', (at: string) => symlink('nowhere', at), /METRICS\.md is a link/],
  ['a folder', (at: string) => mkdir(at), /METRICS\.md is not a file/],
])('writes nothing if %s is in the way', async (_, block, message) => {
  const path = await folder();
  await block(join(path, 'METRICS.md'));
  await expect(write(path)).rejects.toThrow(message);
  expect(await readdir(path)).toEqual(['METRICS.md']);
  expect((await drift(path))[0]).toMatch(message);
});

it('refuses a folder that is none', async () => {
  const path = join(await folder(), 'views');
  await writeFile(path, '');
  await expect(write(path)).rejects.toThrow(/views is not a folder/);
  await rm(path);
  await symlink('nowhere', path);
  await expect(write(path)).rejects.toThrow(/views cannot be read: ENOENT/);
});

it('restores what was there if a file cannot be written', async () => {
  const path = await folder();
  const old = `old ${MARK}\n`;
  await writeFile(join(path, 'METRICS.md'), old);
  // In the way of the second file's temporary one.
  await mkdir(join(path, `.metrics.lock.json.${process.pid}.tmp`));
  await expect(write(path)).rejects.toThrow(/metrics\.lock\.json cannot be written: EEXIST.*nothing was changed/);
  expect(await readFile(join(path, 'METRICS.md'), 'utf8')).toBe(old);
  expect((await readdir(path)).sort()).toEqual([`.metrics.lock.json.${process.pid}.tmp`, 'METRICS.md']);
});

it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('says which folder is read-only', async () => {
  const path = await folder();
  await chmod(path, 0o500);
  await expect(write(path)).rejects.toThrow(/cannot be written: EACCES/);
});
