import { readFile } from 'node:fs/promises';
import { collector, gauge, type SourceCollector } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import type { RedisClient, Reply } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { parseNumber } from '../parse/fields.ts';
import { listOf, mapOf } from '../parse/reply.ts';
import { type Reading, redis } from '../source.ts';

const MOST_VALUES = 10_000;
const [FAILED, OK, EMPTY] = [0, 1, 2];

// What is wrong with scripts, so that it is one line in the log.
const told = new WeakMap<RedisClient, Map<string, string>>();

/**
 * Values that Lua scripts return, as pairs of a key and a number: `return {"jobs", "12", "oldest", "3.5"}`. One that fails costs
 * its own values. Files are read at each scrape.
 */
export function scripts(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  return collector({
    name: 'scripts',
    source: redis,
    config: z.object({
      file: z.array(z.string().min(1)).default([]).describe('File with a Lua script that returns keys and numbers.'),
      readOnly: z.boolean().default(false).describe('Whether scripts run by EVAL_RO, which Redis 7 has.'),
    }),
    metrics: {
      values: gauge({ ...name('script_values'), help: 'Value that a script returned.', labels: ['filename', 'key'] }),
      result: gauge({
        ...name('script_result'),
        help: 'Whether a script returned values: 1, none: 2, or failed: 0.',
        labels: ['filename'],
      }),
    },
    async collect({ values, result }, { client, signal, config, log }) {
      const known = told.get(client) ?? new Map<string, string>();
      told.set(client, known);
      await Promise.all(
        config.file.map(async (filename) => {
          try {
            const script = await readFile(filename, { encoding: 'utf8', signal });
            const pairs = pairsOf(await run(client, [config.readOnly ? 'EVAL_RO' : 'EVAL', script, '0'], signal));
            for (const [key, value] of pairs) values.set({ filename, key }, value);
            result.set({ filename }, pairs.length === 0 ? EMPTY : OK);
            known.delete(filename);
          } catch (error) {
            signal.throwIfAborted();
            if (error instanceof NotOfScript) throw error.cause;
            const reason = error instanceof Error ? error.message : String(error);
            result.set({ filename }, FAILED);
            if (known.get(filename) !== reason) log.warn({ script: filename, reason }, 'a script failed');
            known.set(filename, reason);
          }
        }),
      );
    },
  });
}

/** @throws Error if it is no list of keys and numbers. */
function pairsOf(reply: Reply): readonly (readonly [key: string, value: number])[] {
  const { length } = listOf(reply, 'the script');
  if (length % 2 === 1) throw new Error(`the script returned a key without a value: ${length} elements`);
  if (length > 2 * MOST_VALUES) throw new Error(`the script returned more than ${MOST_VALUES} values`);
  return [...mapOf(reply, 'the script')].map(([key, value]) => {
    const number = typeof value === 'string' ? parseNumber(value) : value;
    if (typeof number === 'number') return [key, number];
    throw new Error(`the script: the value of ${JSON.stringify(key.slice(0, 100))} is not a number`);
  });
}

/** There was no permission, or no connection, which no script is to blame for. */
class NotOfScript extends Error {}

async function run(client: RedisClient, command: readonly string[], signal: AbortSignal): Promise<Reply> {
  try {
    return await client.command(command, { signal, database: client.database });
  } catch (error) {
    // A reply begins with its code, such as ERR.
    if (error instanceof Error && /^(?!NOPERM|NOAUTH)[A-Z]{2,} /.test(error.message)) throw error;
    throw new NotOfScript('', { cause: error });
  }
}
