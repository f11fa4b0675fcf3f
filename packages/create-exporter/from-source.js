import { spawnSync } from 'node:child_process';

// `npm run new`: builds this package, if it has changed, without a word unless that fails; then it is as if installed.
const args = ['run', 'build', '--filter=create-exporter', '--output-logs=errors-only', '--log-prefix=none'];
const { error, status, stdout, stderr } = spawnSync('turbo', args, {
  encoding: 'utf8',
  env: { ...process.env, DO_NOT_TRACK: '1' },
  // There it is a script, which only a shell starts.
  shell: process.platform === 'win32',
});
if (status !== 0) {
  process.stderr.write(error === undefined ? stdout + stderr : `create-exporter: ${error.message}\n`);
  process.exit(1);
}
await import('./dist/bin.js');
