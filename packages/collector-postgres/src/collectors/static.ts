import { collector, untyped } from 'exporter-kit';
import { postgres } from '../source.ts';

/** The version of the server. */
export const staticInfo = collector({
  name: 'static',
  source: postgres,
  metrics: {
    version: untyped({
      name: 'pg_static',
      help: 'Always 1; labels have the version of the server.',
      labels: ['version', 'short_version'],
      waive: 'name and type of postgres_exporter',
    }),
  },
  async collect({ version }, { client, reading, signal }) {
    const [row] = await client.query('SELECT version() AS version', { signal });
    const short_version = `${Math.trunc(reading.version / 10000)}.${reading.version % 10000}.0`;
    version.set({ version: row?.version ?? '', short_version }, 1);
  },
});
