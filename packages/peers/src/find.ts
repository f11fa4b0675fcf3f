import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The programs, each with the names it goes by. */
const programs = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  pushgateway: ['prometheus-pushgateway', 'pushgateway'],
  node_exporter: ['prometheus-node-exporter', 'node_exporter'],
  blackbox_exporter: ['prometheus-blackbox-exporter', 'blackbox_exporter'],
  'victoria-metrics': ['victoria-metrics', 'victoria-metrics-prod'],
  python: ['python3'],
  openssl: ['openssl'],
  'systemd-analyze': ['systemd-analyze'],
} as const;

export type ProgramName = keyof typeof programs;

/** Where `fetch.sh` unpacks: `.peers/` at the top of the repository. */
export const peersFolder: string = fileURLToPath(new URL('../../../.peers', import.meta.url));

/** The program's path: from the PATH, the usual folders, or `.peers/`; `undefined` when it is nowhere. */
export function findPeer(program: ProgramName): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const folder of [...folders, '/usr/bin', '/usr/local/bin', join(peersFolder, 'usr/bin')]) {
    for (const name of programs[program]) {
      if (executable(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

/**
 * As {@link findPeer}, for those who cannot go on without.
 *
 * @throws Error that says how to get it.
 */
export function locatePeer(program: ProgramName): string {
  const path = findPeer(program);
  if (path === undefined) throw new Error(`${program} is not here; run: sh packages/peers/fetch.sh`);
  return path;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
