#!/usr/bin/env node
import { once } from 'node:events';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { scaffold } from 'create-exporter';
import { whenParentEnds } from './parents.ts';
import { folderOf, type Running, runToEnd, startExporter } from './programs.ts';
import { scrape } from './scrape.ts';

// The demo: scaffold an exporter, scrape it and the host exporter, run a job, scrape its result.
const root = join(folderOf('demo'), '../..');
const demo = join(root, '.demo');
const textfiles = join(demo, 'textfile');
const say = (line = ''): void => console.log(line);
const here = (path: string): string => relative(root, path);

const running: Running[] = [];
process.once('SIGTERM', () => void end(143));
process.once('SIGINT', () => void end(0));
// The terminal was closed.
process.once('SIGHUP', () => void end(129));
whenParentEnds(() => void end(1));

try {
  await rm(demo, { recursive: true, force: true });
  await mkdir(textfiles, { recursive: true });

  const { directory } = await scaffold({
    template: 'scrape-exporter',
    name: 'demo-queue',
    root,
    into: join(demo, 'demo-queue-exporter'),
  });
  // It is outside the workspace, so it uses its template's node_modules.
  await symlink(join(folderOf('acme-widget-exporter'), 'node_modules'), join(directory, 'node_modules'), 'junction');
  await runToEnd(join(root, 'node_modules/typescript/bin/tsc'), ['-p', 'tsconfig.build.json'], directory);
  const queue = await startExporter(join(directory, 'dist/main.js'));
  running.push(queue);
  say(`1. Scaffolded an exporter into ${here(directory)}, and started it:`);
  const scraped = await scrape(`${queue.url}metrics`);
  for (const line of scraped.matching(/^demo_queue_/).slice(0, 5)) say(`     ${line}`);
  say(`   ${scraped.about}`);

  const host = await startExporter(join(folderOf('host-exporter'), 'dist/main.js'), [
    `--collector.textfile.directory=${textfiles}`,
  ]);
  running.push(host);
  say('\n2. Started the host exporter, under the names node_exporter has:');
  const machine = await scrape(`${host.url}metrics`);
  for (const line of machine.matching(/^node_(load1|memory_MemTotal_bytes|boot_time_seconds) /)) say(`     ${line}`);
  say(`   ${machine.about}`);

  const archive = join(demo, 'kit.tar.gz');
  await runToEnd(
    join(folderOf('backup-job'), 'dist/main.js'),
    [`--source=${join(root, 'packages/exporter-kit/src')}`, `--archive=${archive}`, `--push.textfile=${textfiles}`],
    root,
  );
  say(`\n3. Ran the backup job; it wrote ${here(archive)}, and the host exporter's next scrape has its result:`);
  const after = await scrape(`${host.url}metrics`);
  const results = after.matching(/^(backup_|job_(success|last_success))/);
  if (!results.some((line) => line.startsWith('job_success') && line.endsWith(' 1'))) {
    throw new Error(`the job's result is not in ${host.url}metrics`);
  }
  for (const line of results) say(`     ${line}`);

  if (!process.stdout.isTTY || process.argv.includes('--once')) {
    say('\nAll of it worked. At a terminal, `npm start` keeps both exporters running for you to look at.');
    await end(0);
  }
  say(`\nOpen  ${queue.url}   ${queue.url}metrics`);
  say(`      ${host.url}   ${host.url}metrics`);
  say('Their pages have charts, which move after a few seconds. Your own: npm run new.  Ctrl-C ends this.');
  const [failed] = (await Promise.race(running.map(({ child }) => once(child, 'exit')))) as [number | null];
  throw new Error(`an exporter exited (${failed})`);
} catch (error) {
  console.error(`demo: ${(error as Error).message}`);
  await end(1);
}

/** Lets the exporters drain, then ends the process. */
async function end(code: number): Promise<never> {
  await Promise.all(running.map((program) => program.stop()));
  process.exit(code);
}
