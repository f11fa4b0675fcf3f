import { needPeers, startPostgres } from 'test-servers';
import { expect, it, onTestFinished } from 'vitest';
import { runSnippetTests } from './run.ts';

it('the tests on the pages pass, among them every rule for sources and sinks', async () => {
  const hasPostgres = needPeers('postgres');
  const postgres = hasPostgres ? await startPostgres() : undefined;
  onTestFinished(() => postgres?.stop());
  const passed = await runSnippetTests(
    postgres === undefined ? {} : { TEST_POSTGRES: `127.0.0.1:${postgres.port}` },
    postgres === undefined ? ['database-exporter/**'] : [],
  );
  expect(Object.fromEntries([...passed].sort())).toEqual({
    ...(hasPostgres && { 'database-exporter/postgres.test.js': 9 }),
    'dashboards/monitoring.test.js': 1,
    'job/tidy.test.js': 1,
    'live/shop.test.js': 1,
    'probe/name.test.js': 2,
    'readme/spool.test.js': 1,
    'sinks/bucket.test.js': 18,
    'sources/memcached.test.js': 8,
    'start/memory.test.js': 1,
    'testing/queues.test.js': 9,
    'testing/served.test.js': 1,
    'views/views.test.js': 1,
  });
});
