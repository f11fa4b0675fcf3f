import { spawnSync } from 'node:child_process';

/** How to start a program that refuses to run as root. */
export interface Unprivileged {
  readonly command: string;
  /** Arguments before the program's own. */
  readonly before: readonly string[];
  /** The user who has to own the program's files; `undefined` if that is us. */
  readonly user?: number;
}

const nobody = 65534;

/**
 * Starts a program as we are, unless we are root: then as `nobody` by setpriv, or, if `nobody` may not read the program, as
 * ourselves under another number in a user namespace.
 *
 * @throws Error if neither works here.
 */
export function unprivileged(program: string): Unprivileged {
  if (process.getuid?.() !== 0) return { command: program, before: [] };
  const drop = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--pdeathsig', 'KILL'];
  if (works('setpriv', [...drop, 'test', '-x', program])) {
    return { command: 'setpriv', before: [...drop, program], user: nobody };
  }
  const map = ['--user', `--map-user=${nobody}`, `--map-group=${nobody}`];
  if (works('unshare', [...map, 'test', '-x', program])) return { command: 'unshare', before: [...map, program] };
  throw new Error(
    `${program} does not run as root; needed is setpriv and a path that every user may read, or a kernel that allows user namespaces.`,
  );
}

const works = (command: string, flags: readonly string[]): boolean => spawnSync(command, flags).status === 0;
