import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs that both generations have, each with the names it goes by. */
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

/** Programs of today's generation, which tests of both talk to. */
const newest = {
  'valkey-server': ['valkey-server'],
  redis_exporter: ['prometheus-redis-exporter', 'redis_exporter'],
  postgres_exporter: ['prometheus-postgres-exporter', 'postgres_exporter'],
} as const;

/** Programs of which any version will do. */
const tools = {
  python: ['python3'],
  openssl: ['openssl'],
  'systemd-analyze': ['systemd-analyze'],
} as const;

const programs = { ...servers, ...newest, ...tools };

export type ProgramName = keyof typeof programs;

/** Which servers tests talk to: those that people run now, or Debian 12's of 2023. */
export type Generation = 'today' | 'debian12';

/**
 * The generation that the environment variable PEERS names; `today` without it.
 *
 * @throws Error for another word.
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
 * The program's path; `undefined` when it is nowhere. Servers come from the chosen generation; where today's were not
 * fetched, those on the PATH stand in, whatever their version. Tools come from the PATH, or from where one was fetched.
 */
export function findPeer(program: ProgramName): string | undefined {
  const onPath = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/bin', '/usr/local/bin'];
  const own = program === 'postgres' ? '-postgresql' : '';
  const fetched = (generation: Generation): string => join(`${generationFolder(generation)}${own}`, 'usr/bin');
  const generation = program in newest ? 'today' : chosenGeneration();
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
 * As {@link findPeer}, for those who cannot go on without.
 *
 * @throws Error that says how to get it.
 */
export function locatePeer(program: ProgramName): string {
  const path = findPeer(program);
  if (path === undefined) throw new Error(`${program} is not here; run: sh packages/test-servers/fetch.sh`);
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
