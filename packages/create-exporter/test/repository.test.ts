import { fileURLToPath } from 'node:url';
import { runProgram } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { bundleOf } from '../src/templates/bundle.ts';

// The workflows of a standalone project. They don't run here.
const { repository, templates } = await bundleOf(fileURLToPath(new URL('../../..', import.meta.url)));

const step = z.union([
  z.strictObject({
    uses: z.string().regex(/^actions\/[\w-]+@v\d+$/),
    with: z.record(z.string(), z.unknown()).optional(),
  }),
  z.strictObject({ name: z.string().optional(), run: z.string() }),
]);
const workflow = z.strictObject({
  name: z.string(),
  on: z.strictObject({ push: z.strictObject({ branches: z.array(z.string()) }), pull_request: z.null() }),
  permissions: z.strictObject({ contents: z.literal('read') }),
  concurrency: z.unknown().optional(),
  jobs: z.record(
    z.string(),
    z.strictObject({
      'runs-on': z.string().regex(/^ubuntu-\d/),
      'timeout-minutes': z.number(),
      strategy: z.unknown().optional(),
      steps: z.array(step),
    }),
  ),
});
const workflows = Object.entries(repository).filter(([path]) => path.startsWith('.github/workflows/'));

describe.each(workflows)('%s', (_, text) => {
  const { jobs } = workflow.parse(parse(text, { strict: true, uniqueKeys: true }));
  const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap((one) => ('run' in one ? [one.run] : [])));

  it('runs what a shell understands, and scripts that projects have', async () => {
    expect(commands.length).toBeGreaterThan(2);
    for (const command of commands) {
      const read = await runProgram(['-n', '-e', '-c', command], { command: 'bash' });
      expect(read, command).toMatchObject({ code: 0, stderr: '' });
    }
    const scripts = commands.join('\n').matchAll(/npm (?:run )?(build|test)\b/g);
    for (const [, script] of scripts) {
      for (const [name, { about, files }] of Object.entries(templates)) {
        if (about.adds === undefined) expect(JSON.parse(files['package.json']!).scripts, name).toHaveProperty(script!);
      }
    }
  });

  it('builds with arguments that every Dockerfile has', () => {
    const args = [...commands.join('\n').matchAll(/--build-arg (\w+)=/g)].map(([, arg]) => arg);
    const dockerfiles = Object.values(templates).flatMap(({ files }) => files['standalone/Dockerfile'] ?? []);
    expect(dockerfiles.length).toBeGreaterThan(2);
    for (const text of dockerfiles) for (const arg of args) expect(text).toContain(`\nARG ${arg}\n`);
  });
});
