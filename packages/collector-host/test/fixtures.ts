import { randomUUID } from 'node:crypto';
import { chmodSync, cpSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Collector } from 'exporter-kit';
import { scrape } from 'exporter-kit/testing';
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from 'vitest';
import type { Paths } from '../src/paths.ts';

/** A path in the recorded trees. */
export const fixture = (path: string): string => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));

/** The recorded trees. */
export const recorded = {
  procfs: fixture('proc'),
  sysfs: fixture('sys'),
  rootfs: '/',
  udev: { data: fixture('udev') },
} satisfies Paths;

export const goldenFile = (name: string): URL => new URL(`../golden/${name}.prom`, import.meta.url);

/** A directory with just these files, until the test ends. */
export async function tree(files: { readonly [path: string]: string | Uint8Array }): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'collector-host-'));
  // For other users, too.
  await chmod(root, 0o755);
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

/** A copy of the recorded trees for all tests of a file or a group. After each test, whatever it changed is restored. */
export function sharedCopy() {
  const root = join(tmpdir(), `collector-host-${randomUUID()}`);
  beforeAll(() => {
    cpSync(fixture(''), root, { recursive: true });
    // Readable for other users, too.
    chmodSync(root, 0o755);
  });
  afterEach(() => restore(fixture(''), root));
  afterAll(() => rmSync(root, { recursive: true }));
  const at = (path: string): string => join(root, path);
  return { procfs: at('proc'), sysfs: at('sys'), rootfs: '/', udev: { data: at('udev') } } satisfies Paths;
}

/** Makes a path what it is in the original again: kind, mode, content, entries. */
function restore(from: string, to: string): void {
  const [was, is] = [from, to].map((path) => lstatSync(path, { throwIfNoEntry: false }));
  if (was !== undefined && was.isDirectory() === is?.isDirectory()) {
    if (was.mode !== is.mode) chmodSync(to, was.mode);
    if (was.isDirectory()) {
      for (const name of new Set([...readdirSync(from), ...readdirSync(to)])) restore(join(from, name), join(to, name));
      return;
    }
    if (readFileSync(from).equals(readFileSync(to))) return;
  }
  rmSync(to, { recursive: true, force: true });
  if (was !== undefined) cpSync(from, to, { recursive: true });
}

/** Runs a task as another user, if this one may become it: root may read everything. */
export async function asNobody<T>(task: () => Promise<T>): Promise<T> {
  const mayChange = process.getuid?.() === 0;
  const nobody = 65_534;
  if (mayChange) process.seteuid!(nobody);
  try {
    return await task();
  } finally {
    if (mayChange) process.seteuid!(0);
  }
}

/** Expects a collector of procfs to say "not here" where the kernel lacks its file, and to complain about a wrong path. */
export async function expectUnsupported(make: (paths: Paths) => Collector, file: string): Promise<void> {
  const procfs = await tree({});
  await expect(scrape(make({ ...recorded, procfs }))).rejects.toMatchObject({
    name: 'Unsupported',
    message: `this kernel does not provide ${join(procfs, file)}`,
  });
  await expect(scrape(make({ ...recorded, procfs: '/nowhere/proc' }))).rejects.toThrow('/nowhere/proc does not exist');
}

/** Expects a collector of procfs to name file and line of what it can't read. */
export async function expectMalformed(
  make: (paths: Paths) => Collector,
  file: string,
  text: string,
  message: string,
): Promise<void> {
  const procfs = await tree({ [file]: text });
  await expect(scrape(make({ ...recorded, procfs }))).rejects.toThrow(`${join(procfs, file)}:${message}`);
}
