import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How a contender is started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: { readonly [name: string]: string };
  /** Whether it runs on Node, and can report blocks of its event loop. */
  readonly node: boolean;
}

const debian = fileURLToPath(new URL('../../../../.peers/bench', import.meta.url));

/** Debian packages of the other contenders, with versions; empty if they were not fetched. */
export function debianVersions(): readonly string[] {
  const file = `${debian}/versions`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

/** How to install a missing contender. */
export const HOW_TO_FETCH = 'sh packages/bench/fetch.sh';

/** A built program of `contenders/`, run by this Node. */
export function nodeProgram(file: string): Program {
  const path = fileURLToPath(new URL(`../../dist/contenders/${file}.js`, import.meta.url));
  return { command: process.execPath, args: [path], node: true };
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
    default:
      return nodeProgram(name);
  }
}
