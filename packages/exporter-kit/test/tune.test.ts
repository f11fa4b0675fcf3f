import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, runProgram, startProgram, until } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { get, samplesOf } from './get.ts';

const path = (name: string): string => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tune-'));
});
afterAll(() => rm(folder, { recursive: true }));

const bounds = (text: string): string[] =>
  samplesOf(text, 'shop_checkout_seconds_bucket').map((line) => /le="(.*)"/.exec(line)![1]!);
const onlyOneAndFive = ['1.0', '5.0', '+Inf'];

describe('an application under `serve`', () => {
  const shop = (tune: string | undefined): Promise<Exit> =>
    runProgram([path('shop.mjs')], { env: { SHOP_METRICS: tune } });

  it('is tuned by a variable of the environment', async () => {
    const tune = 'shop_checkout_seconds: { buckets: [1, 5] }\nshop_orders_total: { off: true }';
    const [as, tuned] = await Promise.all([shop(undefined), shop(tune)]);
    expect([as.stderr, bounds(as.stdout)]).toEqual(['', ['0.1', '0.5', '+Inf']]);
    expect([tuned.stderr, bounds(tuned.stdout)]).toEqual(['', onlyOneAndFive]);
    expect(samplesOf(as.stdout, 'shop_orders_total')).toEqual(['shop_orders_total 1']);
    expect(tuned.stdout).not.toContain('shop_orders_total');
  });

  it('says in one line what is wrong, and where', async () => {
    expect(await shop('\nshop_checkout_secnds: { buckets: [1] }')).toMatchObject({
      code: 1,
      stderr: 'SHOP_METRICS:2: shop_checkout_secnds is unknown; did you mean shop_checkout_seconds?\n',
    });
  });
});

describe('an application under `run`', () => {
  const shop = (args: readonly string[], env = {}): Promise<Exit> =>
    runProgram([path('shop-run.mjs'), ...args], { env, cwd: folder });

  it('is tuned by a file, a variable or a flag', async () => {
    await writeFile(join(folder, 'shop.yml'), 'metrics:\n  shop_checkout_seconds:\n    buckets: [1, 5]\n');
    const json = '{"shop_checkout_seconds":{"buckets":[1,5]}}';
    const runs = await Promise.all([
      shop(['--once', '--config.file=shop.yml']),
      shop(['--once'], { SHOP_EXPORTER_METRICS: json }),
      shop(['--once', `--metrics=${json}`]),
    ]);
    for (const { stdout } of runs) expect(bounds(stdout)).toEqual(onlyOneAndFive);
  });

  it('reports every mistake with file, line and key', async () => {
    await writeFile(
      join(folder, 'wrong.yml'),
      `metrics:
  shop_checkout_secnds: { buckets: [1] }
  shop_orders_total:
    of: true
    buckets: [1]
  shop_checkout_seconds: { buckets: [5, 1] }
`,
    );
    const { code, stderr } = await shop(['--config.check', '--config.file=wrong.yml']);
    expect([code, ...stderr.trim().split('\n').sort()]).toEqual([
      1,
      'wrong.yml:2: metrics.shop_checkout_secnds: is unknown; did you mean shop_checkout_seconds?',
      'wrong.yml:4: metrics.shop_orders_total.of is unknown; did you mean off?',
      'wrong.yml:5: metrics.shop_orders_total.buckets: is for histograms, not for a counter; remove it.',
      'wrong.yml:6: metrics.shop_checkout_seconds.buckets: must be ascending, but 1 follows 5; sort them.',
    ]);
    const asText = await shop(['--once'], { SHOP_EXPORTER_METRICS: 'off' });
    expect(asText.stderr).toContain('must be a map by the names of metrics, not "off"; write it as JSON');
  });

  it('keeps its metrics as they are when they change in the file, and says so', async () => {
    const file = join(folder, 'reloaded.yml');
    await writeFile(file, 'metrics: { shop_checkout_seconds: { buckets: [1, 5] } }');
    const flags = [`--config.file=${file}`, '--web.listen-address=127.0.0.1:0', '--web.enable-lifecycle'];
    const program = await startProgram([path('shop-run.mjs'), ...flags], { until: /msg=listening address=(\S+)/ });
    onTestFinished(async () => void (await program.stop('SIGKILL')));
    const url = program.match[1]!;
    const after = async (text: string): Promise<number> => {
      await writeFile(file, text);
      return (await get(`${url}-/reload`, {}, 'POST')).status;
    };
    expect(await after('metrics: { shop_checkout_seconds: { buckets: [7] } }')).toBe(200);
    const warned = /msg="these flags take effect only after a restart".* flags=metrics/;
    await until('a warning', async () => warned.exec(program.output()) ?? undefined, 30_000);
    expect(await after('greeting: hi')).toBe(200);
    // The collectors were made twice, with the same metrics.
    await until('the second greeting', async () => /^greeting: hi .*$/m.exec(program.output()) ?? undefined, 30_000);
    const made = program.output().match(/^greeting: .*$/gm);
    expect(made).toEqual(
      ['hello', 'hi'].map((word) => `greeting: ${word} {"shop_checkout_seconds":{"buckets":[1,5]}}`),
    );
    const { text } = await get(`${url}metrics`);
    expect(bounds(text)).toEqual(onlyOneAndFive);
    expect(samplesOf(text, 'shop_checkout_seconds_count')).toEqual(['shop_checkout_seconds_count 1']);
    // What the next start would refuse is refused now.
    expect(await after('metrics: { shop_checkout_seconds: { buckets: 7 } }')).toBe(500);
  });
});
