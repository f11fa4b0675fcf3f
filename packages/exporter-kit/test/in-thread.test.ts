import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runProgram, startProgram, until } from 'test-servers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ThreadOptions } from '../src/collect/thread/in-thread.ts';
import type { Collector, Logger } from '../src/index.ts';

// Built, as a thread runs without vitest.
const dist = new URL('../dist/', import.meta.url);
const kit: typeof import('../src/index.ts') = await import(new URL('index.js', dist).href);
const testing: typeof import('../src/testing/index.ts') = await import(new URL('testing/index.js', dist).href);
const threads: typeof import('../src/collect/thread/in-thread.ts') = await import(new URL('thread.js', dist).href);
const { serve } = kit;
const { inThread } = threads;
const { scrape } = testing;
const program = (name: string): URL => new URL(`./programs/${name}.mjs`, import.meta.url);

let folder = '';
let script = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'in-thread-'));
});
beforeEach(async ({ task }) => {
  script = join(folder, task.id);
  await says('write');
});
afterAll(() => rm(folder, { recursive: true }));

/** What the collector does from now on. */
const says = (act: string, file = ''): Promise<void> => writeFile(script, `${act} ${file}`.trim());
const heavy = (options: ThreadOptions = {}, data = {}): Promise<Collector> =>
  inThread(program('heavy'), { data: { script, ...data }, ...options });

interface Line {
  readonly level: keyof Logger;
  readonly facts: { readonly [key: string]: unknown };
  readonly message: string;
}
function listening(): { lines: Line[]; log: Logger } {
  const lines: Line[] = [];
  const at = (level: keyof Logger) => (facts: object, message: string) =>
    void lines.push({ level, facts: facts as Line['facts'], message });
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

/** Calls `collect` as a run does, with a signal in the test's own hand; `wrote` resolves to what it wrote. */
function call(collector: Collector, log: Logger): { abort: AbortController; wrote: Promise<Map<string, unknown>> } {
  const abort = new AbortController();
  const written = new Map<string, unknown>();
  const writers = Object.fromEntries(
    Object.keys(collector.metrics).map((key) => [key, { set: (value: unknown) => void written.set(key, value) }]),
  );
  const run = async (): Promise<Map<string, unknown>> => {
    await collector.collect(writers, { signal: abort.signal, log, config: undefined });
    return written;
  };
  const wrote = run();
  wrote.catch(() => {});
  return { abort, wrote };
}
const soon = <T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> =>
  until(what, async () => look(), 50_000);
const there = (file: string): Promise<string> =>
  soon(`${file} is written`, async () => (await readFile(file, 'utf8').catch(() => '')) || undefined);

describe('a collector in a thread', () => {
  it('answers as it does without one, whatever the metric', async () => {
    await says('all');
    const { default: make } = await import(program('heavy').href);
    const config = { version: '1.2' };
    const { textWithNatives } = await scrape(await heavy(), { config });
    expect(textWithNatives.match(/^# native /gm)).toHaveLength(2);
    expect(textWithNatives).toBe((await scrape(make({ script }), { config })).textWithNatives);
  });

  it('hands over 100,000 series exactly', async () => {
    await says('many');
    const { default: make } = await import(program('heavy').href);
    const patient = { timeoutMs: 50_000 };
    const text = (await scrape(await heavy({}, { series: 100_000 }), patient)).text;
    expect(text.match(/^heavy_depth\{/gm)?.length).toBe(100_000);
    expect(text === (await scrape(make({ script, series: 100_000 }), patient)).text).toBe(true);
  });

  it('keeps its thread from run to run', async () => {
    const collector = await heavy();
    const first = await scrape(collector);
    const second = await scrape(collector);
    expect([first.value('heavy_runs_total'), second.value('heavy_runs_total')]).toEqual([1, 2]);
    expect(first.value('heavy_thread')).toBeGreaterThan(0);
  });

  it('keeps its other properties, and can be decorated', async () => {
    const { text } = await scrape(kit.withPrefix(kit.withLabels(await heavy(), { site: 'eu' }), 'my_'));
    expect(text).toContain('my_heavy_runs_total{site="eu"} 1');
  });

  it('throws what it threw: class, code, cause, stack', async () => {
    await says('fail');
    const error = await scrape(await heavy()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'RangeError',
      message: 'no broker',
      code: 'E_BROKER',
      stack: expect.stringContaining('heavy.mjs'),
      cause: { message: 'connection refused', code: 'ECONNREFUSED' },
    });
  });

  it.each(['promise', 'rejected', 'never', 'bare', 'proxy', 'marked', 'nothing', 'round', 'mute'])(
    'fails when it throws what is odd, and is asked again in the same thread: %s',
    async (what) => {
      const collector = await heavy();
      await scrape(collector);
      await says('throws', what);
      for (let i = 0; i < 2; i++) {
        const thrown = await scrape(collector).then(
          () => ({}),
          (error: unknown) => ({ error }),
        );
        expect(thrown).toMatchObject({ error: { message: expect.stringMatching(/\S/) } });
      }
      await says('write');
      expect((await scrape(collector)).value('heavy_runs_total')).toBe(4);
    },
  );

  it('dies alone of null, thrown past everyone', async () => {
    await says('crashOdd');
    await expect(scrape(await heavy())).rejects.toThrow(/^collector heavy: its thread /);
  });

  it('throws under test where a sample would be dropped', async () => {
    await says('duplicate');
    await expect(scrape(await heavy())).rejects.toThrow(/^heavy_depth\{queue=.* was written twice/);
  });

  it('logs, with facts and levels, but not without end', async () => {
    await says('log');
    const { lines, log } = listening();
    await scrape(await heavy(), { log });
    expect(lines.slice(0, 2)).toMatchObject([
      { level: 'info', facts: { found: 3, err: { message: 'odd disk', code: 'EIO' } }, message: 'looked around' },
      { level: 'warn', facts: {}, message: 'careful' },
    ]);
    expect(lines[0]!.facts.err).toBeInstanceOf(Error);
    expect(lines.at(-1)).toMatchObject({ level: 'warn', message: 'only the first 1000 messages of a run are logged' });
    expect(lines.length).toBe(1001);
  });

  it('refuses a config that would not arrive as it is', async () => {
    await expect(scrape(await heavy(), { config: { client: true } })).rejects.toThrow(
      "collector heavy: config.url is an instance of URL, which can't be sent to its thread",
    );
  });
});

describe('a run that is wanted no more', () => {
  it('has its own signal aborted, for the same reason, and leaves the thread to the next', async () => {
    const collector = await heavy();
    const { lines, log } = listening();
    await call(collector, log).wrote;
    const file = `${script}.reason`;
    await says('heed', file);
    const run = call(collector, log);
    await turn(); // The thread has been asked by then.
    run.abort.abort(new Error('time is up'));
    await expect(run.wrote).rejects.toThrow('time is up');
    expect(await there(file)).toBe('Error: time is up');
    await says('write');
    expect((await call(collector, log).wrote).get('runs')).toBe(3);
    expect(lines).toEqual([]);
  });

  it('ends its thread when it is caught in a loop, and the next run gets another', async () => {
    const collector = await heavy();
    const { lines, log } = listening();
    const first = await call(collector, log).wrote;
    await says('loop', `${script}.looping`);
    const run = call(collector, log);
    await there(`${script}.looping`);
    run.abort.abort(new Error('time is up'));
    await expect(run.wrote).rejects.toThrow('time is up');
    await says('write');
    const next = await call(collector, log).wrote;
    expect(next.get('runs')).toBe(1);
    expect(next.get('thread')).not.toBe(first.get('thread'));
    expect(lines).toMatchObject([{ level: 'warn', message: expect.stringMatching(/^thread terminated/) }]);
  });

  it('ends its thread when it does not listen', async () => {
    const collector = await heavy({ graceMs: 1 });
    const { lines, log } = listening();
    await call(collector, log).wrote;
    await says('deaf', `${script}.deaf`);
    const run = call(collector, log);
    await there(`${script}.deaf`);
    run.abort.abort(new Error('time is up'));
    await expect(run.wrote).rejects.toThrow('time is up');
    await says('write');
    expect((await call(collector, log).wrote).get('runs')).toBe(1);
    expect(lines.length).toBe(1);
  });

  it('costs a run of another exporter in the same thread no more than an error', async () => {
    const collector = await heavy({ graceMs: 1 });
    const { log } = listening();
    await call(collector, log).wrote;
    await says('deaf', `${script}.deaf`);
    const [one, other] = [call(collector, log), call(collector, log)];
    await there(`${script}.deaf`);
    one.abort.abort();
    await expect(other.wrote).rejects.toThrow(
      'collector heavy: its thread was terminated because another run in it ignored its signal.',
    );
  });

  it('gets no second thread beside one that a system call blocks', async () => {
    const collector = await heavy({ graceMs: 1 });
    const { lines, log } = listening();
    await call(collector, log).wrote;
    const pipe = `${script}.pipe`;
    execFileSync('mkfifo', [pipe]);
    await says('block', pipe);
    const run = call(collector, log);
    // Opens when the other end does: then it is blocked.
    const end = await open(pipe, 'w');
    run.abort.abort(new Error('time is up'));
    await expect(run.wrote).rejects.toThrow('time is up');
    await soon('the thread is told to end', () => lines[0]);
    const waiting = call(collector, log);
    waiting.abort.abort(new Error('so is this'));
    await expect(waiting.wrote).rejects.toThrow('so is this');
    expect(lines[1]).toMatchObject({ message: 'skipped: thread still busy with an abandoned run' });
    await says('write');
    const next = call(collector, log);
    await end.close();
    expect((await next.wrote).get('runs')).toBe(1);
  });

  it('was never begun when its signal had aborted before', async () => {
    const collector = await heavy();
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(collector.collect({}, { signal, log: listening().log, config: undefined })).rejects.toThrow(
      'too late',
    );
  });
});

describe('a thread that dies', () => {
  it.each([
    ['exit', {}, /^collector heavy: its thread exited with code 3; a collector must return or throw/],
    ['crash', {}, /^collector heavy: its thread died of an uncaught exception: thrown past everyone$/],
    [
      'hoard',
      { maxOldGenerationSizeMb: 32 },
      /^collector heavy: its thread ran out of memory; .*maxOldGenerationSizeMb/,
    ],
  ])('by %s fails its run, and the next gets another', async (act, options, message) => {
    const collector = await heavy(options);
    const before = await scrape(collector);
    await says(act);
    await expect(scrape(collector, { timeoutMs: 60_000 })).rejects.toThrow(message);
    await says('write');
    const after = await scrape(collector);
    expect(after.value('heavy_runs_total')).toBe(1);
    expect(after.value('heavy_thread')).not.toBe(before.value('heavy_thread'));
  });

  it('between runs is reported, and the next run gets another', async () => {
    const collector = await heavy();
    const { lines, log } = listening();
    await says('crashLater');
    // Whether this run ends before its thread does is a race; either way it is told.
    const failed = await scrape(collector, { log }).then(
      () => false,
      () => true,
    );
    if (!failed) {
      await soon('it is reported', () => lines[0]);
      expect(lines[0]).toMatchObject({ level: 'error', message: 'thread died between runs' });
      expect(String(lines[0]!.facts.err)).toContain('thrown between runs');
    }
    await says('write');
    expect((await scrape(collector)).value('heavy_runs_total')).toBe(1);
  });
});

describe('a module that can not be used', () => {
  const js = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

  it.each<[string, URL | string, ThreadOptions, RegExp]>([
    [
      'is not there',
      program('nowhere'),
      {},
      /there is no .*nowhere\.mjs; write inThread\(new URL\('\.\/collector\.js'/,
    ],
    ['is named by a path', './heavy.js', {}, /"\.\/heavy\.js" is not a URL; write new URL\("\.\/heavy\.js", import/],
    ['does not load', js('throw new Error("no licence")'), {}, /can't load data:.*: no licence$/],
    [
      'has no default export',
      js('export const a = 1, b = 2'),
      {},
      /its default export is missing, not a collector; write export default collector\(\{ … \}\)\. Or .*: a, b\.$/,
    ],
    [
      'has no such export',
      program('heavy'),
      { name: 'light' },
      /its export "light" is missing.*write export const light/,
    ],
    ['makes no collector', js('export default () => [1]'), {}, /its default export returns a list, not a collector/],
    [
      'fails to make it',
      js('export default ({ url }) => url.href.x'),
      { data: {} },
      /its default export threw: Cannot read properties of undefined/,
    ],
    ['is given what can not be handed over', program('heavy'), { data: { on() {} } }, /data\.on is a function/],
  ])('because it %s', async (_why, module, options, message) => {
    await expect(inThread(module, options)).rejects.toThrow(message);
  });

  it('says so from the thread too', async () => {
    const code = `
      import { isMainThread } from 'node:worker_threads';
      if (!isMainThread) throw new Error('not in a thread');
      export default { name: 'main_only', metrics: {}, families: 'declared', prefix: '', constLabels: {}, collect() {} };`;
    await expect(scrape(await inThread(js(code)))).rejects.toThrow(
      /^collector main_only: its thread died.*not in a thread$/,
    );
  });
});

it('serves two exporters from one collector', async () => {
  const collector = await heavy();
  const servers = await Promise.all(
    ['one', 'two'].map((name) => serve(kit.exporter({ name, collectors: [collector] }))),
  );
  const bodies = await Promise.all(servers.map(async ({ url }) => (await fetch(`${url}metrics`)).text()));
  const runs = bodies.map((body) => /^heavy_runs_total (\d)$/m.exec(body)?.[1]);
  expect(runs.sort()).toEqual(['1', '2']);
  await Promise.all(servers.map((server) => server.close()));
});

describe('a process with a thread', () => {
  it('loses nothing but its samples to an endless loop, and has them again when it is over', async () => {
    const app = await startProgram([fileURLToPath(program('heavy-exporter')), '--web.listen-address=127.0.0.1:0'], {
      until: /msg=listening address=(\S+)/,
      env: { SCRIPT: script },
    });
    const url = app.match[1]!;
    const get = async (path: string, seconds = 30): Promise<string> => {
      const headers = { 'x-prometheus-scrape-timeout-seconds': String(seconds) };
      return (await fetch(url + path, { headers })).text();
    };
    expect(await get('metrics')).toContain('heavy_runs_total 1');

    await says('loop', `${script}.looping`);
    const order: string[] = [];
    const scraped = get('metrics', 4).then((body) => {
      order.push('all');
      return body;
    });
    await there(`${script}.looping`);
    await get('-/healthy').then(() => order.push('healthy'));
    expect(await get('metrics?collect[]=steady')).toContain('steady_value 1');
    order.push('steady');
    const body = await scraped;
    expect(order).toEqual(['healthy', 'steady', 'all']);
    expect(body).toContain('steady_value 1');
    expect(body).toContain('test_scrape_collector_success{collector="heavy"} 0');
    expect(body).not.toContain('heavy_runs_total');

    // At once: its thread may be ending still.
    await says('write');
    const after = await get('metrics');
    expect(after).toContain('heavy_runs_total 1');
    expect(after).toContain('test_scrape_collector_success{collector="heavy"} 1');

    await says('unsupported');
    expect(await get('metrics')).toContain('test_scrape_collector_unsupported{collector="heavy"} 1');
    const { code, stderr } = await app.stop();
    expect(code).toBe(0);
    expect(stderr.match(/msg="thread terminated because its run ignored the signal/g)?.length).toBe(1);
  });

  it('starts nothing before the first run, and ends with its thread idle', async () => {
    const { code, stdout, stderr } = await runProgram([fileURLToPath(program('heavy-idle'))], {
      env: { SCRIPT: script },
    });
    expect(stdout).toBe('made true\nscraped 1\n');
    expect([code, stderr]).toEqual([0, '']);
  });

  it('refuses a collector of a source', async () => {
    await expect(inThread(program('echo-source'), { name: 'size' })).rejects.toThrow(
      "collector size reads source echo, whose client can't be sent to a thread; run it without inThread.",
    );
  });

  it("runs the docstring's example", async () => {
    const source = await readFile(new URL('../src/collect/thread/in-thread.ts', import.meta.url), 'utf8');
    const lines = source.split('\n').filter((line) => line.startsWith(' *'));
    const example = lines.map((line) => line.slice(3)).join('\n');
    const [, module, main] = /\/\/ heavy\.js\n(.*?)\/\/ main\.js\n(.*?)@throws/s.exec(example)!;
    // Below the package, so that it finds itself.
    const home = await mkdtemp(fileURLToPath(new URL('example-', dist)));
    try {
      await writeFile(join(home, 'heavy.js'), module!);
      await writeFile(join(home, 'main.js'), main!);
      const { stdout, stderr } = await runProgram([join(home, 'main.js'), '--once']);
      expect(stderr).toBe('');
      expect(stdout).toContain('primes_found 78498\n');
    } finally {
      await rm(home, { recursive: true });
    }
  });
});
