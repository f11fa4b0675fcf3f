import { expect, it } from 'vitest';
import { aboutBroker, startBroker } from './broker.ts';
import { runSnippet } from './run.ts';

it("runs the page's exporter", async () => {
  const url = await startBroker();
  const { stdout } = await runSnippet('from-go', 'main.js', ['--once', `--broker.url=${url}`]);
  expect(aboutBroker(stdout)).toEqual([
    '# HELP broker_queue_depth Messages waiting.',
    '# HELP broker_queue_processed_total Messages processed.',
    '# HELP broker_up Whether the broker answered.',
    '# TYPE broker_queue_depth gauge',
    '# TYPE broker_queue_processed_total counter',
    '# TYPE broker_up gauge',
    'broker_queue_depth{queue="mail"} 3',
    'broker_queue_depth{queue="quo\\"ted"} 0',
    'broker_queue_processed_total{queue="mail"} 1042',
    'broker_queue_processed_total{queue="quo\\"ted"} 7500000000',
    'broker_up 1',
  ]);
});

it('says that a broker is down, and why in the log', async () => {
  const { stdout, stderr } = await runSnippet('from-go', 'main.js', ['--once', '--broker.url=http://127.0.0.1:2']);
  expect(aboutBroker(stdout)).toContain('broker_up 0');
  expect(stderr).toContain('ECONNREFUSED');
});
