import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needPeers, runProgram, startPushgateway } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exporterPush, folder, program } from './exporter-push.ts';

const page = await readFile(new URL('../../docs/pages/run/exporter-push.md', import.meta.url), 'utf8');

describe.skipIf(!needPeers('pushgateway'))('the page of exporter-push', () => {
  it('has snippets that do what it says', async () => {
    const gateway = await startPushgateway();
    onTestFinished(() => gateway.stop());
    const cwd = await folder();
    await mkdir(join(cwd, 'bin'));
    await chmod(program, 0o755);
    await symlink(program, join(cwd, 'bin', 'exporter-push'));
    await writeFile(join(cwd, 'backup.sh'), '#!/bin/sh\necho working\n', { mode: 0o755 });
    await writeFile(join(cwd, 'rows.csv'), 'a\nb\n');
    const snippets = [...page.matchAll(/^```sh\n(.*?)^```$(?:\n\n```\n(.*?)^```$)?/gms)];
    expect(snippets.length).toBeGreaterThan(6);

    let environment = '';
    for (const [, script, output] of snippets) {
      const here = script!.replace('http://pushgateway:9091', gateway.url);
      if (here.startsWith('export ')) environment = here;
      const env = { PATH: `${join(cwd, 'bin')}:${process.env.PATH}` };
      const exit = await runProgram(['-e', '-c', `${environment}${here}`], { command: 'sh', cwd, env });
      expect([here, exit.code]).toEqual([here, 0]);
      if (output === undefined) expect(exit.stderr).toBe('');
      else expect(exit.stderr + exit.stdout).toBe(output);
      if (here.includes('1024'))
        expect(await pushed(gateway.url)).toContain('backup_bytes{instance="",job="nightly",volume="data"} 1024');
      if (here.includes('--delete')) expect(await pushed(gateway.url)).not.toContain('backup_bytes');
    }
    const got = await pushed(gateway.url);
    expect(got).toContain('job_success{instance="db1",job="nightly"} 1\n');
    expect(got).toContain('report_rows{instance="",job="report"} 2\n');
  });
});

async function pushed(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

it('knows all flags and variables that the page names', async () => {
  const { stdout: help } = await exporterPush(['--help']);
  const own = page.replace(/--data-binary/g, '');
  const named = new Set([...own.matchAll(/--[a-z][a-z.-]+|\bEXPORTER_PUSH_[A-Z_]+/g)].map(([name]) => name));
  expect([...named].filter((name) => !help.includes(name))).toEqual([]);
});
