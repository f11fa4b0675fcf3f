import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// Publishes each package whose version is not on the registry yet. Needs to be logged in, as `npm whoami` says.

const changesets = ['npx', '--yes', '@changesets/cli@3.0.3', 'publish'];
const [command, ...args] = changesets;
const env = { ...process.env, pnpm_config_pnpmfile: fileURLToPath(new URL('packed.js', import.meta.url)) };
const { status, error } = spawnSync(command, [...args, ...process.argv.slice(2)], {
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  env,
  stdio: 'inherit',
  // On Windows npx is a script, which only a shell starts.
  shell: process.platform === 'win32',
});
if (error) console.error(`release: npx can't be started: ${error.message}`);
process.exitCode = status ?? 1;
