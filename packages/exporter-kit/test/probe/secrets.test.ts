import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from 'test-servers';
import { expect, it, onTestFinished } from 'vitest';
import { get } from '../get.ts';

const script = fileURLToPath(new URL('../programs/secret-probe.mjs', import.meta.url));

it('secrets inside maps of a module come from files, and are in no answer, page or log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'probe-secrets-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'pin'), 'hunter2hunter2\n');
  const module = { prober: 'door', door: { doors: { front: { 'pin-file': 'pin', code: 987_654 } } } };
  await writeFile(join(folder, 'x.yml'), JSON.stringify({ probe: { allow: ['127.0.0.1'] }, modules: { a: module } }));
  const flags = [`--config.file=${join(folder, 'x.yml')}`, '--web.listen-address=127.0.0.1:0', '--log.level=debug'];
  const program = await startProgram([script, ...flags], { until: /address=(\S+)/ });
  onTestFinished(async () => void (await program.stop()));
  const url = program.match[1]!;
  const debug = (await get(`${url}probe?module=a&target=127.0.0.1&debug=true`)).text;
  expect(debug).toContain('not opened by <secret>');
  expect(debug).toContain('"code": "<secret>"');
  const all = [debug, (await get(`${url}-/probes`)).text, (await get(`${url}-/status.json`)).text, program.output()];
  expect(all.join('\n')).not.toMatch(/hunter2|987654/);
});
