import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pushgateway, type Sink, textfile } from 'exporter-kit';
import { type Family, parseText } from 'exporter-kit/exposition';
import { otlp } from 'exporter-kit/otlp';
import { remoteWrite } from 'exporter-kit/remote-write';
import { permanentFailure } from 'exporter-kit/sink';
import { type SinkUnderTest, sinkConformance } from 'exporter-kit/testing';
import { needPeers, type Prometheus, type Pushgateway, startPrometheus, startPushgateway } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OtlpStore, startOtlpStore } from './otlp-store.ts';

/** One test a rule; what a sink is exempt from is skipped, with the reason. */
function conforms(start: () => SinkUnderTest): void {
  for (const { title, check } of sinkConformance(start)) {
    it(title, async ({ skip }) => {
      const exempt = await check();
      if (exempt !== undefined) skip(exempt);
    });
  }
}

describe('textfile', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sinks-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  conforms(() => ({
    sink: textfile(folder),
    async read() {
      const files = (await readdir(folder)).filter((file) => file.endsWith('.prom'));
      const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
      return texts.flatMap((text) => parseText(text));
    },
  }));
});

describe.skipIf(!needPeers('pushgateway'))('a real Pushgateway', () => {
  let gateway: Pushgateway;
  beforeAll(async () => {
    gateway = await startPushgateway();
  });
  afterAll(() => gateway?.stop());

  const read = async (): Promise<readonly Family[]> => parseText(await (await fetch(`${gateway.url}/metrics`)).text());

  describe('in plain text', () => conforms(() => ({ sink: pushgateway(gateway.url), read })));
  describe('zipped', () => conforms(() => ({ sink: pushgateway(gateway.url, { gzip: true }), read })));
});

describe.skipIf(!needPeers('prometheus'))('remote write to a real Prometheus', () => {
  let engine: Prometheus;
  beforeAll(async () => {
    engine = await startPrometheus({ scrapeConfigs: [], flags: ['--web.enable-remote-write-receiver'] });
  });
  afterAll(() => engine?.stop());

  conforms(() => ({
    sink: remoteWrite(`${engine.url}/api/v1/write`),
    async read() {
      return (await engine.query('{job!=""}')).map(({ metric: { __name__: name = '', ...labels }, value }): Family => {
        return { name, kind: 'unknown', help: '', unit: '', samples: [{ name, labels, value }] };
      });
    },
  }));
});

describe('OTLP', () => {
  let store: OtlpStore;
  beforeAll(async () => {
    store = await startOtlpStore();
  });
  afterAll(() => store?.close());

  conforms(() => ({
    sink: otlp(store.url),
    read: async () => store.read(),
  }));
});

it('what keeps no groups is exempt from the rules about them, and says so', async () => {
  const printer: Sink = { name: 'printer', modes: [], deliver: async () => {} };
  const exempt = new Map<string, string | undefined>();
  for (const { title, check } of sinkConformance(() => ({ sink: printer, read: async () => [] }))) {
    exempt.set(title, await check().catch(() => undefined));
  }
  expect(exempt.get('replaces a whole group')).toBe('printer does not support the mode "replace"');
  expect(exempt.get('removes a group, and ignores a missing one')).toBe('printer cannot remove groups');
  expect(exempt.get('delivers every type and value')).toBeUndefined();
});

describe('a sink that', () => {
  const kept = new Map<string, string>();
  const broken: [string, string, RegExp, Sink][] = [
    ['loses what it gets', 'delivers every type and value', / has/, { name: 'x', deliver: async () => {} }],
    [
      'takes a label of its group',
      'rejects labels that its group sets, and changes nothing',
      /delivers what it should reject/,
      { name: 'x', deliver: async ({ job }) => void kept.set(job, 'x') },
    ],
    [
      'refuses what is only late',
      'does nothing after its signal has aborted',
      /is a permanent failure, though a retry may succeed/,
      {
        name: 'x',
        async deliver(_delivery, { signal }) {
          if (signal.aborted) throw permanentFailure('no');
        },
      },
    ],
  ];
  it.each(broken)('%s is found out', async (_what, title, message, sink) => {
    const rule = sinkConformance(() => ({ sink, read: async () => [] })).find((one) => one.title === title);
    await expect(rule?.check()).rejects.toThrow(message);
  });
});
