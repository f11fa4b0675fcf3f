import { golden, lint, scrape } from 'exporter-kit/testing';
import { needPeers, promtoolCheckMetrics } from 'test-servers';
import { expect, it } from 'vitest';
import { fakeClient, recorded } from '../../test/recorded.ts';
import { postgres, postgresCollectors } from '../index.ts';

const file = (name: string): URL => new URL(`../../golden/${name}`, import.meta.url);

/** Everything that the collectors make of the recording, those that are off by default too. */
async function exposition(): Promise<string> {
  const recording = recorded();
  const { reading } = recording;
  const up = { ...postgres, read: () => reading };
  const texts = [(await scrape(up, { client: fakeClient(recording, 'none') })).text];
  for (const collector of postgresCollectors) {
    const client = fakeClient(recording, collector.name);
    const one = await scrape(collector, { client, reading }).catch(
      (error: Error) => `# ${collector.name}: ${error.message}\n`,
    );
    texts.push(typeof one === 'string' ? one : one.text);
  }
  return texts.join('');
}

it('reads a recorded server as before', async () => {
  const text = await exposition();
  expect(text).not.toContain('no rows of');
  golden(text, file('postgres.prom'));
});

it('has the findings that come with the names that postgres_exporter has, and no others', async () => {
  const text = (await exposition()).replace(/^# \w+: .*$/gm, '');
  golden(
    lint(text)
      .map(({ metric, message }) => `${metric} ${message}\n`)
      .join(''),
    file('findings.txt'),
  );
});

it.skipIf(!needPeers('promtool'))('has no finding of promtool that the kit does not have', async () => {
  const text = (await exposition()).replace(/^# \w+: .*$/gm, '');
  const ours = new Set(lint(text).map(({ metric }) => metric));
  const { problems } = promtoolCheckMetrics(text);
  expect(problems.filter((line) => !ours.has(line.split(' ')[0]!))).toEqual([]);
});
