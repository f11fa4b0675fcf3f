import { until } from 'test-servers';
import { onTestFinished } from 'vitest';
import { type Collector, collector, exporter, gauge, type ServeOptions, serve } from '../src/index.ts';
import { get, valueIn } from './get.ts';
import { later } from './later.ts';

/** Serves collectors as `test_exporter` until the test is over; gives the URL of their metrics. */
export async function serving(collectors: readonly Collector[], options: ServeOptions = {}): Promise<string> {
  const server = await serve(exporter({ name: 'test_exporter', version: '1.2.3', collectors }), options);
  onTestFinished(() => server.close(0));
  return `${server.url}metrics`;
}

/** One line of a log. */
export interface Said {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly facts: { readonly [fact: string]: unknown };
}

/** A log that can be read. */
export function heard() {
  const said: Said[] = [];
  const at = (level: Said['level']) => (facts: object, message: string) =>
    void said.push({ level, message, facts: { ...facts } });
  return { said, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

/** A collector that writes its gauge `<name>_value` with how often it has run, and counts that. */
export function counting(name: string, also: Partial<Parameters<typeof collector>[0]> = {}) {
  const runs = { count: 0 };
  const made = collector({
    name,
    ...also,
    metrics: { value: gauge({ name: `${name}_value`, help: 'How often it has run.' }) },
    collect({ value }) {
      value.set(++runs.count);
    },
  });
  return { made, runs };
}

/** A collector that ends when the test says so, whatever its signal says; tells of each start and abort. */
export function waiting(name: string, also: Partial<Parameters<typeof collector>[0]> = {}) {
  const [started, aborted, go] = [later(), later<unknown>(), later()];
  const runs = { count: 0 };
  const made = collector({
    name,
    ...also,
    metrics: { value: gauge({ name: `${name}_value`, help: 'How often it has run.' }) },
    async collect({ value }, { signal }) {
      runs.count++;
      signal.addEventListener('abort', () => aborted.resolve(signal.reason));
      started.resolve();
      await go.promise;
      value.set(runs.count);
    },
  });
  return { made, runs, started: started.promise, aborted: aborted.promise, go: () => go.resolve() };
}

/** A collector that fails, with a reason that must not get out. */
export function failing(name: string, also: Partial<Parameters<typeof collector>[0]> = {}): Collector {
  return collector({
    name,
    ...also,
    metrics: {},
    collect() {
      throw new Error('password=hunter2');
    },
  });
}

const sizes = gauge({ name: 'size_bytes', help: 'Sizes.', unit: 'bytes', labels: ['path'] });

/** A collector that writes `count` series `size_bytes`, each with a label of about `length` bytes. */
export function many(count: number, length = 30): Collector {
  const start = '/'.padEnd(length - 6, 'x');
  return collector({
    name: 'many',
    metrics: { sizes },
    collect({ sizes: writer }) {
      for (let i = 0; i < count; i++) writer.set({ path: `${start}${i}` }, i + 0.5);
    },
  });
}

/** Asks for one family alone, which runs no collector but its own; gives the value of one series. */
export async function ask(url: string, series: string): Promise<number | undefined> {
  return valueIn((await get(`${url}?name[]=${series.replace(/\{.*/, '')}`)).text, series);
}

/** Waits until so many scrapes are being answered. */
export async function untilInFlight(url: string, count: number): Promise<void> {
  // The question is one of them.
  const reached = async (): Promise<true | undefined> =>
    (await ask(url, 'promhttp_metric_handler_requests_in_flight')) === count + 1 ? true : undefined;
  await until(`${count} scrapes in flight`, reached, 50_000);
}
