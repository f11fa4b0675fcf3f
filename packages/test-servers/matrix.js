// `npm run matrix`: every test under every Node we promise to run on, next to the one you have. Plain JavaScript, because
// the oldest of them does not run TypeScript. The Nodes come from the package registry and stay in npm's cache.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const versions = ['22.23.3', '24.21.0', '26.10.0'];
const root = new URL('../..', import.meta.url);
const rest = process.argv.slice(2);

const rows = versions.map((version) => {
  console.log(`\n── Node ${version}`);
  const folder = mkdtempSync(join(tmpdir(), 'matrix-'));
  const command = [
    // npx's settings here must not reach the npm that tests start.
    'unset npm_config_package npm_config_call',
    'node --version > "$MATRIX_FOLDER/version"',
    `vitest run --reporter=default --reporter=json --outputFile.json="$MATRIX_FOLDER/tests.json" ${rest.join(' ')}`,
  ].join(' && ');
  const started = performance.now();
  const { status } = spawnSync('npx', ['--yes', '--prefer-offline', `--package=node@${version}`, '-c', command], {
    cwd: root,
    env: { ...process.env, MATRIX_FOLDER: folder },
    stdio: 'inherit',
  });
  const row = judge(version, folder, status, (performance.now() - started) / 1000);
  rmSync(folder, { recursive: true, force: true });
  return row;
});

console.log();
console.table(Object.fromEntries(rows.map(({ node, ...row }) => [node, row])));
process.exitCode = rows.every((row) => row.verdict === 'passed') ? 0 : 1;

/** Checks the run's summary first, then its exit code. */
function judge(version, folder, status, seconds) {
  const row = { node: version, verdict: 'failed', passed: 0, failed: 0, skipped: 0, seconds: Math.round(seconds) };
  try {
    const ran = readFileSync(join(folder, 'version'), 'utf8').trim();
    const tests = JSON.parse(readFileSync(join(folder, 'tests.json'), 'utf8'));
    row.passed = tests.numPassedTests;
    row.failed = tests.numFailedTests;
    row.skipped = tests.numPendingTests;
    if (ran !== `v${version}`) row.verdict = `ran ${ran}`;
    else if (status === 0 && tests.success && row.passed > 0) row.verdict = 'passed';
  } catch (error) {
    row.verdict = `did not run (${error.message})`;
  }
  return row;
}
