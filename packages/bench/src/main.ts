import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseText } from 'exporter-kit';
import type { Message } from './contender.ts';

// One row so far: every series handed over with its labels and encoded afresh at each scrape, text over HTTP.
const { values: flags } = parseArgs({
  options: { n: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '9' } },
});
const count = Number(flags.n);
const rounds = Number(flags.rounds);
const names = ['kit', 'prom-client'] as const;

interface Contender {
  readonly name: string;
  readonly child: ChildProcess;
  readonly url: string;
  readonly cpuMs: number[];
  readonly wallMs: number[];
}

async function start(name: string): Promise<Contender> {
  const child = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), [String(count)]);
  const message = await said(child);
  if (!('url' in message)) throw new Error(`${name} did not say where it listens`);
  return { name, child, url: message.url, cpuMs: [], wallMs: [] };
}

async function usage(child: ChildProcess): Promise<number> {
  child.send('usage');
  const message = await said(child);
  if (!('cpuMs' in message)) throw new Error('a contender did not say what it used');
  return message.cpuMs;
}

/** A contender's next message; an error when it ends instead. */
async function said(child: ChildProcess): Promise<Message> {
  const either = new AbortController();
  const { signal } = either;
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal }) as Promise<[Message]>,
      once(child, 'exit', { signal }).then(() => {
        throw new Error(`a contender ended: ${child.spawnargs.join(' ')}`);
      }),
    ]);
    return message;
  } finally {
    either.abort();
  }
}

async function fetchText(url: string): Promise<string> {
  const answer = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  return answer.text();
}

/** The bench's own series of an answer, and their values. */
function valuesOf(body: string): Map<string, number> {
  const samples = parseText(body).flatMap((family) => family.samples);
  const own = samples.filter(({ name }) => name.startsWith('bench_family'));
  return new Map(
    own.map(({ name, labels, value }) => [`${name} ${labels.region} ${labels.host} ${labels.disk}`, value]),
  );
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

const contenders: Contender[] = [];
for (const name of names) contenders.push(await start(name));
try {
  const [first, ...others] = await Promise.all(contenders.map(async ({ url }) => valuesOf(await fetchText(url))));
  for (const [i, other] of others.entries()) {
    const same =
      other.size === count && first!.size === count && [...other].every(([key, value]) => first!.get(key) === value);
    if (!same) throw new Error(`${names[i + 1]} does not answer what ${names[0]} answers`);
  }
  // Three unmeasured rounds let the compilers settle.
  for (let round = -3; round < rounds; round++) {
    for (const { child, url, cpuMs, wallMs } of contenders) {
      const before = await usage(child);
      const started = performance.now();
      await fetchText(url);
      const wall = performance.now() - started;
      const used = (await usage(child)) - before;
      if (round < 0) continue;
      cpuMs.push(used);
      wallMs.push(wall);
    }
  }
  const [kit, peer] = contenders as [Contender, Contender];
  const ratio = (a: readonly number[], b: readonly number[]): string => (median(b) / median(a)).toFixed(1);
  console.log(
    `${count} series, 20 families, 3 labels, every value new, text over HTTP; medians of ${rounds} interleaved rounds`,
  );
  console.log(`node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}\n`);
  console.log('| contender | CPU ms per scrape | ns per series | wall ms |');
  console.log('|---|---|---|---|');
  for (const { name, cpuMs, wallMs } of contenders) {
    const ns = (median(cpuMs) * 1e6) / count;
    console.log(`| ${name} | ${median(cpuMs).toFixed(1)} | ${ns.toFixed(0)} | ${median(wallMs).toFixed(1)} |`);
  }
  console.log(
    `\nkit : prom-client = 1 : ${ratio(kit.cpuMs, peer.cpuMs)} CPU, 1 : ${ratio(kit.wallMs, peer.wallMs)} wall`,
  );
} finally {
  for (const { child } of contenders) child.disconnect();
}
