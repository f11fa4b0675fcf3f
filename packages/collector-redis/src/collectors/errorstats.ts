import { collector, counter, type SourceCollector } from 'exporter-kit';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { parseFields, parseNumber } from '../parse/fields.ts';
import { type Reading, redis } from '../source.ts';

/** Error replies by their first word. */
export function errorstats(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  return collector({
    name: 'errorstats',
    source: redis,
    metrics: {
      errors: counter({ ...naming(names)('errors_total'), help: 'Error replies of a type.', labels: ['err'] }),
    },
    collect({ errors }, { reading }) {
      for (const [name, value] of reading.info.section('errorstats')) {
        const count = parseNumber(parseFields(value).get('count'));
        if (count !== undefined) errors.set({ err: name.replace(/^errorstat_/, '') }, count);
      }
    },
  });
}
