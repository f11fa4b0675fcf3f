import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs of both generations, with their possible names. */
const servers = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  pushgateway: ['prometheus-pushgateway', 'pushgateway'],
  node_exporter: ['prometheus-node-exporter', 'node_exporter'],
  blackbox_exporter: ['prometheus-blackbox-exporter', 'blackbox_exporter'],
  'victoria-metrics': ['victoria-metrics', 'victoria-metrics-prod'],
  'redis-server': ['redis-server'],
  postgres: ['postgres'],
} as const;

/** Programs of the generation `today`, used by tests of both. */
const newest = {
  'valkey-server': ['valkey-server'],
  vmagent: ['vmagent', 'vmagent-prod'],
  vmalert: ['vmalert', 'vmalert-prod'],
  alertmanager: ['prometheus-alertmanager', 'alertmanager'],
  redis_exporter: ['prometheus-redis-exporter', 'redis_exporter'],
  postgres_exporter: ['prometheus-postgres-exporter', 'postgres_exporter'],
} as const;

/** Programs of any version. */
const tools = {
  python: ['python3'],
  openssl: ['openssl'],
  'systemd-analyze': ['systemd-analyze'],
  'systemd-notify': ['systemd-notify'],
  chromium: ['chromium-headless-shell', 'chromium', 'google-chrome'],
} as const;

const programs = { ...servers, ...newest, ...tools };

export type ProgramName = keyof typeof programs;

/**
 * Which servers tests use: current ones, or those of Debian 12, of 2023; the databases also of Debian 11 and 13, and two
 * versions of PostgreSQL from npm.
 */
export type Generation = 'today' | 'debian11' | 'debian12' | 'debian13' | 'npm14' | 'npm16';

/**
 * The generation that the environment variable PEERS names; `today` without it.
 *
 * @throws Error for another value.
 */
export function chosenGeneration(): Generation {
  const word = process.env.PEERS || 'today';
  if (word === 'today' || word === 'debian12') return word;
  throw new Error(`PEERS is ${JSON.stringify(word)}; write today or debian12.`);
}

/** Where `fetch.sh` unpacks a generation: below `.peers/` at the top of the repository. */
export function generationFolder(generation: Generation): string {
  return fileURLToPath(new URL(`../../../.peers/${generation}`, import.meta.url));
}

/**
 * The program's path; `undefined` if it is not found. Servers come from the chosen generation, if none is named; those of
 * `today` may come from the PATH instead, in any version. Tools come from the PATH, or from `.peers/`.
 */
export function findPeer(program: ProgramName, named?: Generation): string | undefined {
  const onPath = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/bin', '/usr/local/bin'];
  const own = program === 'postgres' ? '-postgresql' : program === 'chromium' ? '-chromium' : '';
  const fetched = (generation: Generation): string => join(`${generationFolder(generation)}${own}`, 'usr/bin');
  const generation = named ?? (program in newest ? 'today' : chosenGeneration());
  const instead = generation === 'today' ? onPath : [];
  const folders = program in tools ? [...onPath, fetched('debian12')] : [fetched(generation), ...instead];
  for (const folder of folders) {
    for (const name of programs[program]) {
      if (executable(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

/**
 * Like {@link findPeer}, but throws if the program is not found.
 *
 * @throws Error that says how to get it.
 */
export function locatePeer(program: ProgramName, named?: Generation): string {
  const path = findPeer(program, named);
  if (path === undefined) throw new Error(`${program} is not installed; run: sh packages/test-servers/fetch.sh`);
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
