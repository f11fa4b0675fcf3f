import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { cli, commitAll, emptyFolder, workspace } from './bed.ts';

// A shared package of collectors, and then an exporter of the same name, which is how people go on.

describe.each([
  ['in a workspace', workspace, 'packages/collector-acme-queue', 'apps/acme-queue-exporter', 'workspace:*'],
  ['alone', emptyFolder, 'collector-acme-queue', 'acme-queue-exporter', 'file:../collector-acme-queue'],
] as const)('%s', (_, place, packageFolder, folder, range) => {
  const create = async () => {
    vi.stubEnv('npm_config_user_agent', undefined);
    const root = await place();
    for (const template of ['collector', 'scrape-exporter']) {
      const said = await cli(root, template, '--name=acme-queue', '--yes', '--no-install');
      expect(said, said.err).toMatchObject({ code: 0 });
      if (template === 'scrape-exporter')
        expect(said.out).toContain('it serves the collectors of collector-acme-queue, and has none of its own.');
    }
    return root;
  };

  it('the exporter serves the collectors of the package, and has none of its own', async () => {
    const root = await create();
    const read = (path: string) => readFile(join(root, folder, path), 'utf8');
    expect(await readdir(join(root, packageFolder))).toContain('package.json');
    expect((await readdir(join(root, folder, 'src'))).sort()).toEqual(['added.ts', 'main.test.ts', 'main.ts']);
    expect(await read('src/added.ts')).toMatch(
      /import \{ acmeQueueCollectors \} from 'collector-acme-queue';[\s\S]*= \[\.\.\.acmeQueueCollectors\];/,
    );
    expect(JSON.parse(await read('package.json')).dependencies['collector-acme-queue']).toBe(range);
    expect(await read('Dockerfile')).not.toMatch(/COPY .*sample/);
    expect(await read('src/main.ts')).not.toContain('./source.ts');
    expect(await readdir(join(root, folder))).not.toContain('paired');
  });

  it('it is up to date, and renamed without the package', async () => {
    const root = await create();
    const modules = join(root, folder, 'node_modules');
    await mkdir(modules);
    await symlink(join(root, packageFolder), join(modules, 'collector-acme-queue'));
    await writeFile(join(root, '.gitignore'), 'node_modules\n');
    commitAll(root);
    const where = folder.startsWith('apps') ? root : join(root, folder);
    const named = folder.startsWith('apps') ? folder : '.';
    const check = await cli(where, 'upgrade', named, '--check');
    expect(check.out + check.err).toContain('is up to date');
    const said = await cli(where, 'rename', named, 'acme-broker', '--no-install');
    expect(said, said.err).toMatchObject({ code: 0 });
    const renamed = join(root, folder.replace('queue', 'broker'));
    expect(await readFile(join(renamed, 'src/added.ts'), 'utf8')).toContain("from 'collector-acme-queue';");
    const manifest = JSON.parse(await readFile(join(renamed, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'acme-broker-exporter', dependencies: { 'collector-acme-queue': range } });
  });
});

it('other templates of the name are still refused', async () => {
  const root = await workspace();
  await cli(root, 'collector', '--name=acme-queue', '--yes', '--no-install');
  const said = await cli(root, 'file-exporter', '--name=acme-queue', '--yes', '--no-install');
  expect(said).toMatchObject({ code: 1 });
  expect(said.err).toContain('metric namespace acme_queue is already used by packages/collector-acme-queue');
});
