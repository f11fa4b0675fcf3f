import type { CommandOptions, RedisClient, Reply } from './client.ts';
import { untilAborted } from './client.ts';

/**
 * Sends what every scrape asks along with the command that begins a scrape, so that all of them take one round trip: the
 * commands of the scrape before, as no other knows which collectors run. Each answers once; what nobody asks for is dropped.
 */
export function askingAhead(command: RedisClient['command']): RedisClient['command'] {
  let asked = new Map<string, readonly string[]>();
  let ahead = new Map<string, Promise<Reply>>();

  function begin(words: readonly string[], options: CommandOptions): Promise<Reply> {
    const reply = command(words, options);
    ahead = new Map(
      Array.from(asked, ([key, one]) => {
        const early = command(one);
        early.catch(() => {}); // it may be that nobody asks
        return [key, early];
      }),
    );
    asked = new Map();
    return reply;
  }

  return (words, options = {}) => {
    if (options.beginsScrape === true) return begin(words, options);
    if (options.everyScrape !== true) return command(words, options);
    const key = JSON.stringify(words);
    asked.set(key, words);
    const early = ahead.get(key);
    ahead.delete(key);
    if (early === undefined) return command(words, options);
    return options.signal === undefined ? early : untilAborted(early, options.signal);
  };
}
