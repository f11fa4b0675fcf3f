import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import spawn from 'cross-spawn';
import { hasNames, names, scope, scoped } from './scope.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const { packageManager } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
const pnpm = ['npx', '--yes', '--prefer-offline', packageManager];

/** @throws Error with what it said, unless it ends with 0. */
function run([command, ...args], cwd, env = {}) {
  const options = { cwd, encoding: 'utf8', env: { ...process.env, ...env } };
  const { status, error, stdout, stderr } = spawn.sync(command, args, options);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`);
}

/**
 * Packs a package as it is published.
 *
 * @param to a folder for the tarball.
 * @returns its path.
 */
export function pack(name, to) {
  const hook = { pnpm_config_pnpmfile: fileURLToPath(new URL('packed.js', import.meta.url)) };
  const folder = mkdtempSync(join(tmpdir(), 'pack-'));
  try {
    const pnpmPack = [...pnpm, 'pack', '--pack-destination', scope === '' ? to : folder];
    const before = new Set(readdirSync(scope === '' ? to : folder));
    run(pnpmPack, join(repository, 'packages', name), hook);
    const found = readdirSync(scope === '' ? to : folder).find((file) => !before.has(file));
    if (scope === '') return join(to, found);
    run(['tar', 'xzf', join(folder, found), '-C', folder], folder);
    const own = join(folder, 'package');
    for (const path of readdirSync(own, { recursive: true })) {
      const file = join(own, path);
      if (hasNames(name, path)) writeFileSync(file, scoped(readFileSync(file, 'utf8')));
    }
    const earlier = new Set(readdirSync(to));
    run(['npm', 'pack', own, '--pack-destination', to], folder);
    return join(
      to,
      readdirSync(to).find((file) => !earlier.has(file)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// `node pack.js FOLDER`: all packages, for a look, or for tests. Prints their names and tarballs.
if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [to] = process.argv.slice(2);
  if (to === undefined) {
    console.error('usage: node packages/release/pack.js FOLDER');
    process.exit(64);
  }
  mkdirSync(to, { recursive: true });
  for (const name of names) console.log(name, pack(name, to));
}
