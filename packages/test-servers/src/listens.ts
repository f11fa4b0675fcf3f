import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Whether this process listens on the port, rather than another that took it first. Assumed true where that is
 * unknown: without /proc, or for another user's process.
 */
export async function listens(pid: number, port: number): Promise<boolean> {
  const table = await readFile('/proc/net/tcp', 'utf8').catch(() => undefined);
  if (table === undefined) return true;
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  // Columns: number, local address, remote address, state (0A listens), …, inode.
  const sockets = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(end) && state === '0A')
    .map((columns) => `socket:[${columns[9]}]`);
  const folder = `/proc/${pid}/fd`;
  const open = await readdir(folder).catch(() => undefined);
  if (open === undefined) return true;
  const files = await Promise.all(open.map((file) => readlink(`${folder}/${file}`).catch(() => '')));
  return files.some((file) => sockets.includes(file));
}
