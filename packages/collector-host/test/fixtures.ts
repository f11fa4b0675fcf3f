import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Collector } from 'exporter-kit';
import { scrape } from 'exporter-kit/testing';
import { expect, onTestFinished } from 'vitest';
import type { Paths } from '../src/paths.ts';

/** A path in the recorded trees. */
export const fixture = (path: string): string => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));

/** The recorded trees. */
export const recorded: Required<Paths> = {
  procfs: fixture('proc'),
  sysfs: fixture('sys'),
  rootfs: '/',
  udev: { data: fixture('udev') },
};

export const goldenFile = (name: string): URL => new URL(`../golden/${name}.prom`, import.meta.url);

/** A directory with just these files, until the test ends. */
export async function tree(files: { readonly [path: string]: string | Uint8Array }): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'collector-host-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

/** Expects a collector of procfs to say "not here" where the kernel lacks its file, and to complain about a wrong path. */
export async function expectUnsupported(make: (paths: Paths) => Collector, file: string): Promise<void> {
  const procfs = await tree({});
  await expect(scrape(make({ ...recorded, procfs }))).rejects.toMatchObject({
    name: 'Unsupported',
    message: `this kernel has no ${join(procfs, file)}`,
  });
  await expect(scrape(make({ ...recorded, procfs: '/nowhere/proc' }))).rejects.toThrow('/nowhere/proc is not there');
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
