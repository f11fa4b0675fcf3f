import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { collector, exporter, gauge, source } from '../src/index.ts';
import type { Modules } from '../src/probe/modules.ts';
import { configure } from '../src/run/config/configuration.ts';
import { configInputs } from '../src/run/config/declared.ts';
import { secret } from '../src/run/config/schema/schemas.ts';
import { rememberSecrets } from '../src/run/config/secrets.ts';

const page = await readFile(new URL('../../docs/pages/run/targets.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml!);

const redis = source({
  name: 'redis',
  up: gauge({ name: 'redis_up', help: 'Whether the server answered.' }),
  label: 'server',
  config: z.object({
    addr: z.string().default('redis://127.0.0.1:6379'),
    user: z.string().optional(),
    password: secret().optional(),
  }),
  target: 'addr',
  read: () => undefined,
});
const collectors = ['info', 'commands'].map((name) => collector({ name, source: redis, metrics: {}, collect() {} }));
const program = exporter({ name: 'redis_exporter', collectors, probes: [redis] });

async function read(yaml: string) {
  const folder = await mkdtemp(join(tmpdir(), 'targets-docs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  await Promise.all([write('redis.yml', yaml), write('pw', 'hunter2\n'), write('other.pw', 'hunter3\n')]);
  const argv = [`--config.file=${join(folder, 'redis.yml')}`];
  return configure(await configInputs(program, 9121, argv, {}, rememberSecrets()));
}

it("the page's config files mean what it says", async () => {
  expect(examples).toHaveLength(3);
  const [one, several, probed] = await Promise.all(examples.map(read));
  expect(one!.targets.get(redis)).toMatchObject([{ settings: { addr: 'redis://db:6379', password: 'hunter2' } }]);
  expect(several!.targets.get(redis)).toMatchObject([
    { name: 'db-1', settings: { addr: 'redis://db-1:6379', user: 'mon', password: 'hunter2' } },
    { name: 'db_1', settings: { addr: 'redis://db_1:6379', user: 'mon', password: 'hunter3' } },
  ]);
  const modules = probed!.sections.get('modules') as Modules;
  expect(modules.get('corp')).toMatchObject({ timeoutMs: 3000, isSecret: true, settings: { password: 'hunter2' } });
});

it('and the mistake that it shows is reported as it says', async () => {
  const wrong = examples[1]!.replace('db-1: { addr:', 'db-1: { adr:');
  const [, said = 'nothing'] = /`(redis\.yml:\d+: [^`]*)`/.exec(page) ?? [];
  await expect(read(wrong)).rejects.toThrow(said.replace(/\s+/g, ' '));
});
