import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from 'test-servers';
import { expect, it, onTestFinished } from 'vitest';
import { aboutBroker, startBroker } from './broker.ts';
import { documents, root } from './documents.ts';
import { exec, startSnippet } from './run.ts';

/** What packages/bench/fetch.sh unpacks: a compiler and client_golang. */
const home = join(root, '.peers/bench/usr');
const compiler = join(home, 'lib/go-1.26/bin/go');
const hasGo = existsSync(compiler);
if (!hasGo) console.error('SKIPPED: no Go compiler; install it with: sh packages/bench/fetch.sh');

it.skipIf(!hasGo)('the exporters of the page about Go serve the same families', async () => {
  const page = await readFile(join(root, documents.get('from-go')!), 'utf8');
  const [, code] = /^```go\n(.*?)^```$/ms.exec(page)!;
  const folder = await mkdtemp(join(tmpdir(), 'from-go-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'main.go'), code!);
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder, GOROOT: join(home, 'lib/go-1.26'), GOPATH: join(home, 'share/gocode') },
    ...{ GOCACHE: join(home, '../go-build'), GO111MODULE: 'off', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' },
  };
  await exec(compiler, ['build', '-o', 'exporter', 'main.go'], { cwd: folder, env });

  const broker = await startBroker();
  const address = `127.0.0.1:${await freePort()}`;
  const go = spawn(join(folder, 'exporter'), [`-broker.url=${broker}`, `-web.listen-address=${address}`]);
  onTestFinished(async () => {
    if (go.exitCode === null && go.kill()) await once(go, 'exit');
  });
  const there = await until(
    'the Go exporter',
    () => textOf(`http://${address}/metrics`).catch(() => undefined),
    30_000,
  );
  const here = await textOf(new URL('metrics', await startSnippet('from-go', 'main.js', [`--broker.url=${broker}`])));
  expect(aboutBroker(here)).toEqual(aboutBroker(there));
  expect(aboutBroker(here)).toHaveLength(11);
});

const textOf = async (url: string | URL): Promise<string> => (await fetch(url)).text();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
