import { copyFile, lstat, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';

/** File operations that change the disk. Tests pass one that fails. */
export interface Disk {
  copyFile(from: string, to: string): Promise<void>;
  mkdir(path: string, options?: { recursive: true }): Promise<string | undefined>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { recursive: true; force: true }): Promise<void>;
  rmdir(path: string): Promise<void>;
  writeFile(path: string, data: Uint8Array | string, options: { flag: 'w' | 'wx'; mode?: number }): Promise<void>;
}

/** The real disk. */
export const realDisk: Disk = { copyFile, mkdir, rename, rm, rmdir, writeFile };

/** What is at a path, without following links; `undefined` for nothing. */
export async function whatIs(path: string): Promise<'file' | 'folder' | 'link' | 'other' | undefined> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) return 'link';
  return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
}

/** A file's bytes; `undefined` if there is none. */
export async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  return (await whatIs(path)) === 'file' ? readFile(path) : undefined;
}

/** Whether two contents are equal. */
export const same = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
