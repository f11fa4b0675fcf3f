import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RedisOptions, type RedisServer, startProgram, startRedis } from 'test-servers';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** What one scrape got. */
export interface Answer {
  readonly status: number;
  readonly ms: number;
  readonly text: string;
  /** The value of a series, written as in the exposition; `undefined` without it. */
  value(series: string): number | undefined;
}

export interface Running {
  scrape(timeoutSeconds?: number, query?: string, accept?: string): Promise<Answer>;
  /** `/probe`, with these parameters. */
  probe(parameters: { readonly [name: string]: string }): Promise<Answer>;
  /** Lines of the log about sources. */
  told(): string[];
  output(): string;
  reload(config: object): Promise<number>;
  stop(): Promise<unknown>;
}

/** The exporter as it is started, with this configuration file, until the test ends. */
export async function running(config: object, ...flags: string[]): Promise<Running> {
  const folder = await temporary();
  const file = join(folder, 'config.yml');
  await writeFile(file, JSON.stringify(config));
  const own = ['--web.listen-address=127.0.0.1:0', '--web.enable-lifecycle', `--config.file=${file}`];
  const program = await startProgram([main, ...own, ...flags], { until: /msg=listening address=(\S+)/ });
  onTestFinished(async () => void (await program.stop()));
  const url = program.match[1]!;
  async function get(path: string, headers: { readonly [name: string]: string }): Promise<Answer> {
    const start = performance.now();
    const response = await fetch(new URL(path, url), { headers });
    const text = await response.text();
    const values = new Map(text.split('\n').map((line) => [line.slice(0, line.lastIndexOf(' ')), line]));
    return {
      status: response.status,
      ms: performance.now() - start,
      text,
      value(series) {
        const line = values.get(series);
        return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
      },
    };
  }
  return {
    scrape: (timeoutSeconds = 10, query = '', accept = 'text/plain') =>
      get(`metrics${query}`, { accept, 'x-prometheus-scrape-timeout-seconds': String(timeoutSeconds) }),
    probe: (parameters) => get(`probe?${new URLSearchParams(parameters)}`, {}),
    told: () =>
      program
        .output()
        .split('\n')
        .filter((line) => line.includes('source=redis')),
    output: () => program.output(),
    async reload(next) {
      await writeFile(file, JSON.stringify(next));
      return (await fetch(new URL('-/reload', url), { method: 'POST' })).status;
    },
    stop: () => program.stop(),
  };
}

/** A folder until the test ends. */
export async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-exporter-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a Redis that ends with the test. */
export async function server(options: RedisOptions = {}): Promise<RedisServer> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.stop());
  return redis;
}

/** Connections of the exporter, as the server counts them. */
export async function connections(redis: RedisServer): Promise<number> {
  return [...String(await redis.ask('CLIENT', 'LIST')).matchAll(/ name=redis_exporter /g)].length;
}

/** Collectors by their verdict, of one target. */
export function failed({ text }: Answer, labels = ''): string[] {
  const verdicts = text.matchAll(/^redis_scrape_collector_success\{(.*)\} 0$/gm);
  return [...verdicts]
    .map(([, all]) => all!)
    .filter((all) => all.includes(labels))
    .map((all) => /collector="(\w+)"/.exec(all)![1]!);
}
