import { mkdirSync, writeFileSync } from 'node:fs';
import { needPeers } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { filledServer } from './real.ts';
import { type Recording, record, recorded, recordingFile } from './recorded.ts';

/** The columns of every result that has rows, by collector, database and turn. */
const columns = ({ results }: Recording) =>
  new Map(
    Object.entries(results).flatMap(([collector, databases]) =>
      Object.entries(databases).flatMap(([database, all]) =>
        all.flatMap(([row], i) =>
          row === undefined ? [] : [[`${collector} ${database} ${i}`, Object.keys(row).sort()] as const],
        ),
      ),
    ),
  );

describe.skipIf(!needPeers('postgres'))('with a real server', () => {
  it('the recording has the columns that a server of its version answers with', async ({ skip }) => {
    const pg = await filledServer();
    await pg.startReplica({ slot: 'standby' });
    await expect.poll(() => pg.sql(`SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'`)).toHaveLength(1);
    const fresh = await record({ url: pg.url, sslmode: 'disable' });
    if (process.env.UPDATE_RECORDING === '1') {
      mkdirSync(new URL('.', recordingFile), { recursive: true });
      writeFileSync(recordingFile, `${JSON.stringify(fresh, undefined, 1)}\n`);
    }
    const kept = recorded();
    const [now, then] = [fresh, kept].map(({ reading: { version } }) => Math.floor(version / 10_000));
    skip(now !== then, `it was recorded of PostgreSQL ${then}`);
    const [found, wanted] = [columns(fresh), columns(kept)];
    // Some have rows at times only, such as the progress of autovacuum.
    const both = [...wanted.keys()].filter((key) => found.has(key));
    expect(both.length).toBeGreaterThan(wanted.size * 0.8);
    for (const key of both) expect(found.get(key), key).toEqual(wanted.get(key));
  });
});
