import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import spawn from 'cross-spawn';
import { pack } from './pack.js';
import { names, published } from './scope.js';

// Publishes each package whose version is not on the registry yet, and tags it. Needs to be logged in, as `npm whoami` says.
// Flags go to `npm publish`.

const repository = fileURLToPath(new URL('../..', import.meta.url));
const run = ([command, ...args], stdio) => spawn.sync(command, args, { cwd: repository, stdio, encoding: 'utf8' });

const versionOf = (name) =>
  JSON.parse(readFileSync(new URL(`../${name}/package.json`, import.meta.url), 'utf8')).version;

/** By its name in this repository: from this line the workflow makes a release, with the changelog of the package's folder. */
function tag(name) {
  if (run(['git', 'rev-parse', '--quiet', '--verify', `refs/tags/${name}`], 'pipe').status === 0) return;
  const { status, error, stderr } = run(['git', 'tag', name, '-m', name], 'pipe');
  if (status !== 0) throw new Error(`all is published, but git tag ${name} failed: ${error?.message ?? stderr}`);
  console.log(`New tag: ${name}`);
}

function isPublished(name, version) {
  const { status, error, stderr } = run(['npm', 'view', `${published(name)}@${version}`, 'version', '--json'], 'pipe');
  if (status === 0) return true;
  if (/E404/.test(stderr)) return false;
  throw new Error(`the registry can't be asked for ${published(name)}: ${error?.message ?? stderr}`);
}

const folder = mkdtempSync(join(tmpdir(), 'release-'));
try {
  for (const name of names) {
    const version = versionOf(name);
    if (isPublished(name, version)) continue;
    const tarball = pack(name, folder);
    const { status } = run(['npm', 'publish', tarball, '--access=public', ...process.argv.slice(2)], 'inherit');
    if (status !== 0) throw new Error(`${published(name)}@${version} is not published; see above.`);
  }
  for (const name of names) tag(`${name}@${versionOf(name)}`);
} catch (error) {
  console.error(`release: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
