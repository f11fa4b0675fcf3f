import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needContainers, runProgram, startContained } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { scaffold } from '../src/index.ts';
import { placeholder } from '../src/names/names.ts';
import { listTemplates } from '../src/templates/templates.ts';
import { asNobody, imageOf } from './deploy/image.ts';
import { type Scratch, scratchWorkspace } from './scratch.ts';

// That what a Dockerfile puts into an image would run, without Docker: its steps are done here, in folders. One template for
// each kind of project; that the others have the same files is in deploy.test.ts.
const all = await listTemplates(fileURLToPath(new URL('../../..', import.meta.url)));
const deployed = all.filter(({ deploy }) => deploy.docker !== undefined);
const templates = deployed.filter(
  ({ packageName }, i) => deployed.findLastIndex((other) => other.packageName === packageName) === i,
);
const contained = needContainers();
let scratch: Scratch;

beforeAll(async () => {
  scratch = await scratchWorkspace();
  for (const [i, { name }] of templates.entries()) {
    await scaffold({ template: name, name: `acme-image${i}`, deploy: 'docker', root: scratch.root });
  }
  await scratch.pnpm('install', '--no-frozen-lockfile', '--prefer-offline', '--lockfile-only');
});
afterAll(() => scratch?.remove());

describe.each(templates.map((template, i) => ({ ...template, i })))('$name', ({ packageName, port, i }) => {
  it('has an image that runs, as nobody, with what the lockfile says and no more', { timeout: 240_000 }, async () => {
    const app = packageName.replace(placeholder, `acme-image${i}`);
    const image = await imageOf(join(scratch.root, 'apps', app, 'Dockerfile'), scratch.root);
    onTestFinished(image.remove);
    const { folder, healthcheck } = image;
    // pnpm adds what says what is in there.
    const told = /^(README\.md|sample|sbom\.json|pnpm-(lock|workspace)\.yaml)$/;
    const own = (await readdir(folder)).filter((file) => !told.test(file));
    expect(own.sort()).toEqual(['dist', 'node_modules', 'package.json']);
    const lockfile = await readFile(join(scratch.root, 'pnpm-lock.yaml'), 'utf8');
    const packages = (await readdir(join(folder, 'node_modules/.pnpm'))).filter((name) => name.includes('@'));
    const names = packages.filter((name) => !name.startsWith('exporter-kit@')).map((name) => name.replace('+', '/'));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(lockfile).toMatch(new RegExp(`^ {2}'?${name.replace(/_.*/, '')}'?:$`, 'm'));
    expect(names.filter((name) => /^(typescript|vitest|rolldown)@/.test(name))).toEqual([]);
    const listed = JSON.parse(await readFile(join(folder, 'sbom.json'), 'utf8')) as Sbom;
    expect(listed.metadata.component).toMatchObject({ type: 'application', name: app, version: '0.1.0' });
    const purls = listed.components.map(({ purl }) => decodeURIComponent(purl).replace('pkg:npm/', ''));
    expect(purls).toEqual(expect.arrayContaining(names.map((name) => name.replace(/_.*/, ''))));

    const [command, args] = asNobody(image.entrypoint);
    if (port === undefined) {
      const dry = await runProgram([...args, '--dry-run'], { command, cwd: folder });
      expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('job_success') });
      return expect(healthcheck).toBeUndefined();
    }
    // An application listens on a port of its own, too.
    const listen = ['--web.listen-address=127.0.0.1:0', ...(packageName.endsWith('-app') ? ['--port=0'] : [])];
    if (!contained) return;
    const [node, ...check] = healthcheck!;
    const [checker, checkArgs] = asNobody([node!, ...check]);
    const program = await startContained([...args, ...listen], { command, cwd: folder, until: /address=\S+/ });
    expect(await program.exec(checkArgs, { command: checker, cwd: folder })).toMatchObject({ code: 0, stderr: '' });
    expect((await program.stop()).code).toBe(0);
  });
});

/** A list in CycloneDX. */
interface Sbom {
  readonly metadata: { readonly component: object };
  readonly components: readonly { readonly purl: string }[];
}
