import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needPeers, promtool } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { alertFiles } from '../src/views/alerts/yaml-files.ts';
import { alerted, alertedProbes } from './alerted.ts';
import { humanized } from './humanized.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Folders with the views of this repository's programs. */
const committed = ['apps', 'templates']
  .flatMap((top) => readdirSync(join(root, top)).map((name) => join(top, name, 'views')))
  .filter((folder) => existsSync(join(root, folder, 'alerts.test.yaml')));

describe.skipIf(!needPeers('promtool'))('promtool', () => {
  it.each([
    ['of one job', alerted],
    ['of probes', alertedProbes],
    ['of one of several jobs', { ...alerted, views: { job: ['a', 'b'] }, groups: alerted.groups.slice(0, 1) }],
  ])('passes the tests of alerts of every form, %s', async (_, program) => {
    const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    for (const [name, text] of alertFiles(program)) await writeFile(join(folder, name), text);
    expect(await promtool(['test', 'rules', 'alerts.test.yaml'], folder)).toMatchObject({ code: 0, stderr: '' });
  });

  it('makes the same texts of values as the expected ones', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const inPromql = (value: number): string =>
      Number.isNaN(value) ? 'NaN' : String(value).replace('Infinity', 'Inf');
    const rules = humanized.map(([template, value], i) => ({
      alert: `A${i}`,
      expr: `vector(${inPromql(value)})`,
      annotations: { text: `{{ $value | ${template} }}` },
    }));
    const tests = humanized.map(([, , text], i) => ({
      eval_time: '1m',
      alertname: `A${i}`,
      exp_alerts: [{ exp_annotations: { text } }],
    }));
    // JSON is YAML.
    await writeFile(join(folder, 'rules.yaml'), JSON.stringify({ groups: [{ name: 'all', rules }] }));
    await writeFile(
      join(folder, 'test.yaml'),
      JSON.stringify({ rule_files: ['rules.yaml'], tests: [{ alert_rule_test: tests }] }),
    );
    expect(await promtool(['test', 'rules', 'test.yaml'], folder)).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(committed)('takes the rules in %s, and their tests pass', async (folder) => {
    const at = join(root, folder);
    const rules = readdirSync(at).filter((name) => /^(alerts|rules)[.]yaml$/.test(name));
    expect(await promtool(['check', 'rules', '--lint-fatal', ...rules], at)).toMatchObject({ code: 0 });
    expect(await promtool(['test', 'rules', 'alerts.test.yaml'], at)).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(committed)('takes the scrape configuration in %s', async (folder) => {
    const { code, stderr } = await promtool(['check', 'config', 'scrape.yaml'], join(root, folder));
    expect([code, stderr]).toEqual([0, '']);
  });

  it('has the rules of every program', () => {
    expect(committed.length).toBeGreaterThan(10);
  });
});
