import { scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { fakeClient, replies } from '../../test/recorded.ts';
import type { Reply } from '../client/client.ts';
import { readingOf } from '../source.ts';
import { config } from './config.ts';

const recorded = replies('redis-7');

/** Scrapes twice over one connection; returns what CONFIG GET was asked for, and how many families it gave. */
async function asked(version: string, settings: object, refusal?: string) {
  const client = fakeClient(recorded);
  const patterns: string[] = [];
  const command = async (words: readonly string[]): Promise<Reply> => {
    patterns.push(words.length > 3 ? 'several' : words[2]!);
    if (words.length > 3 && refusal !== undefined) throw new Error(refusal);
    return client.command(words);
  };
  const info = readingOf(`redis_version:${version}\r\n`);
  const options = { client: { ...client, command }, reading: info, config: settings };
  const [first, second] = [await scrape(config(), options), await scrape(config(), options)];
  expect(first.text).toBe(second.text);
  return { patterns, maxclients: second.value('redis_config_maxclients'), families: second.families.size };
}

it('asks for the settings that are served, or for all of them where a server takes one pattern', async () => {
  const several = await asked('7.0.15', {});
  expect(several).toMatchObject({ patterns: ['several', 'several'], maxclients: 100 });
  expect(await asked('6.2.6', {})).toEqual({ ...several, patterns: ['*', '*'] });
  const refusal = "ERR wrong number of arguments for 'config|get' command";
  expect(await asked('7.4.0', {}, refusal)).toEqual({ ...several, patterns: ['several', '*', '*'] });
});

it('asks for all where all are served', async () => {
  const all = await asked('7.0.15', { values: true });
  expect(all.patterns).toEqual(['*', '*']);
  expect(all.families).toBeGreaterThan((await asked('7.0.15', {})).families);
});
