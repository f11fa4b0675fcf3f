import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findPeer } from 'test-servers';

/** How a contender is started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: { readonly [name: string]: string };
  /** Whether it runs on Node, and can report blocks of its event loop. */
  readonly node: boolean;
}

const top = fileURLToPath(new URL('../../../../', import.meta.url));
const debian = `${top}.peers/bench`;

/** Debian packages of the other contenders and of real servers, with versions; without those that were not fetched. */
export function debianVersions(): readonly string[] {
  const files = [`${debian}/versions`, `${top}.peers/today/installed`, `${top}.peers/today-postgresql/installed`];
  return files.filter((file) => existsSync(file)).flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'));
}

const ofTestServers = new Set([
  'pushgateway',
  'redis-server',
  'postgres',
  'node_exporter',
  'redis_exporter',
  'postgres_exporter',
]);

/** How to install what is missing. */
export function howToGet(missing: readonly string[]): string {
  const ways = [
    ...(missing.some((name) => name !== 'valgrind' && !ofTestServers.has(name)) ? ['sh packages/bench/fetch.sh'] : []),
    ...(missing.some((name) => ofTestServers.has(name)) ? ['sh packages/test-servers/fetch.sh'] : []),
  ];
  const run = ways.length > 0 ? [`run: ${ways.join('; ')}`] : [];
  return [...run, ...(missing.includes('valgrind') ? ['valgrind is for you to install'] : [])].join('; ');
}

/** A built program of `contenders/`, run by this Node. */
export function nodeProgram(file: string): Program {
  const path = fileURLToPath(new URL(`../../dist/contenders/${file}.js`, import.meta.url));
  return { command: process.execPath, args: [path], node: true };
}

/** A program that another package of the repository builds, run by this Node. */
function ofWorkspace(file: string): Program {
  return { command: process.execPath, args: [top + file], node: true };
}

/** A contender's program; `undefined` if it must be fetched first. Go programs are limited to one core, like Node's. */
export function findProgram(name: string): Program | undefined {
  switch (name) {
    case 'client_golang':
    case 'victoriametrics': {
      const command = `${debian}/bin/${name}`;
      return existsSync(command) ? { command, args: [], env: { GOMAXPROCS: '1' }, node: false } : undefined;
    }
    case 'client_python': {
      const packages = `${debian}/usr/lib/python3/dist-packages`;
      const script = fileURLToPath(new URL('../../contenders/client_python.py', import.meta.url));
      const env = { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1' };
      return existsSync(packages) ? { command: 'python3', args: [script], env, node: false } : undefined;
    }
    case 'node_exporter':
    case 'redis_exporter':
    case 'postgres_exporter': {
      // As it is installed, on all cores.
      const command = findPeer(name);
      return command === undefined ? undefined : { command, args: [], node: false };
    }
    case 'host-exporter':
    case 'redis-exporter':
    case 'postgres-exporter':
      return ofWorkspace(`apps/${name}/dist/main.js`);
    case 'file-exporter':
      return ofWorkspace(`templates/${name}/dist/main.js`);
    case 'exporter-push':
      return ofWorkspace('packages/exporter-kit/dist/exporter-push.js');
    default:
      return nodeProgram(name);
  }
}
