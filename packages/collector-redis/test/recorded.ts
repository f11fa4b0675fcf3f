import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SourceCollector } from 'exporter-kit';
import { type Scraped, type ScrapeOptions, scrape } from 'exporter-kit/testing';
import type { RedisClient, Reply } from '../src/client/client.ts';
import type { Reading } from '../src/source.ts';

/** Replies by command, as they were recorded; an object for an error. */
export type Replies = { readonly [command: string]: Reply | { readonly error: string } };
export type Recording = 'redis-7' | 'redis-8-primary' | 'redis-8-replica' | 'valkey-9' | 'sentinel-8';

/** What a real server has answered, of `fixtures/`. */
export function replies(name: Recording): Replies {
  const path = fileURLToPath(new URL(`../fixtures/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, 'utf8')) as Replies;
}

/** A client that answers like this; commands that are not there are unknown to it. */
export function fakeClient(answers: Replies): RedisClient {
  return {
    connectSeconds: 0.002,
    database: 0,
    async command(words) {
      const answer = answers[words.join(' ')] ?? settingsOf(words, answers);
      if (answer === undefined) throw new Error(`ERR unknown command '${words[0]}', with args beginning with: `);
      if (typeof answer === 'object' && answer !== null && 'error' in answer) throw new Error(answer.error);
      return answer as Reply;
    },
    close() {},
  };
}

/** The settings that CONFIG GET names, of all that were recorded. */
function settingsOf([command, verb, ...names]: readonly string[], answers: Replies): Reply | undefined {
  const all = answers['CONFIG GET *'];
  if (command !== 'CONFIG' || verb !== 'GET' || !Array.isArray(all)) return undefined;
  return all.filter((_, i) => names.includes(all[i - (i % 2)] as string));
}

/** Where a golden exposition is. */
export const goldenFile = (name: string): URL => new URL(`../golden/${name}.prom`, import.meta.url);

/** Runs a collector over recorded replies. */
export function scrapeRecorded(
  collector: SourceCollector<RedisClient, Reading>,
  answers: Replies,
  options: ScrapeOptions = {},
): Promise<Scraped> {
  return scrape(collector, { ...options, client: fakeClient(answers) });
}
