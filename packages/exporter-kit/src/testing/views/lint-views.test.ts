import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collector } from '../../collect/collector.ts';
import { exporter } from '../../collect/exporter.ts';
import { counter, gauge, histogram } from '../../metric/declare.ts';
import { above, below } from '../../metric/views.ts';
import { job } from '../../push/job.ts';
import { lintViews } from './lint-views.ts';
import { promqlParser } from './promql.ts';

const queues = collector({
  name: 'queues',
  metrics: {
    depth: gauge({
      name: 'queue_depth',
      help: 'Messages waiting.',
      labels: { queue: String, state: ['ready', 'unacked'] },
      alert: { when: above(1000), summary: 'A queue is long.' },
    }),
    done: counter({
      name: 'queue_done_total',
      help: 'Messages done.',
      labels: ['queue'],
      alert: { when: below(1), summary: 'A queue stands still.' },
    }),
    wait: histogram({
      name: 'queue_wait_seconds',
      help: 'Time in the queue.',
      unit: 'seconds',
      buckets: [0.1, 1],
      slo: { under: 1, objective: 99 },
    }),
  },
  collect() {},
});
const broker = exporter({ name: 'broker_exporter', collectors: [queues] });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lint-views-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

const short = (findings: Awaited<ReturnType<typeof lintViews>>) =>
  findings.map(({ rule, where }) => `${rule} ${where.replace(`${folder}/`, '')}`);

it("finds nothing in the kit's own views, of exporters and jobs", async () => {
  expect(await lintViews(broker)).toEqual([]);
  const tidy = job({
    name: 'tidy up',
    metrics: { removed: counter({ name: 'tidy_removed_total', help: 'Files removed.' }) },
    run() {},
  });
  expect(await lintViews(tidy)).toEqual([]);
});

it('checks rows of your own', async () => {
  const views = {
    rows: [
      {
        title: 'Mine',
        panels: [{ title: 'Done', description: 'All.', queries: { all: 'sum(queue_done_total{job=~"$job"})' } }],
      },
    ],
  };
  const findings = await lintViews(exporter({ name: 'broker_exporter', collectors: [queues], views }));
  expect(short(findings)).toEqual([
    'matchers dashboard.json, row Mine, panel Done, column 5',
    'counter dashboard.json, row Mine, panel Done, column 5',
  ]);
});

describe('files', () => {
  it('of rules are checked, with their lines', async () => {
    const file = await written(
      'alerts.yaml',
      `groups:
  - name: broker
    rules:
      - record: queue_busy
        expr: sum by (queue) (rate(queue_done_total[5m]))
      - alert: QueueLong
        expr: >-
          queue_busy > 3 and queue_depht > 5
        for: 5m
      - alert: QueueGone
        expr: absent(queue_depth{job="broker"})
        labels: { severity: warning, now: '{{ $value }}' }
`,
    );
    const findings = await lintViews(broker, { files: [file] });
    expect(short(findings)).toEqual([
      'metric alerts.yaml:7, group broker, alert QueueLong, column 20',
      'flapping alerts.yaml:11, group broker, alert QueueGone',
      'absent alerts.yaml:11, group broker, alert QueueGone, column 1',
    ]);
    expect(findings[0]?.message).toBe('queue_depht is not declared; did you mean queue_depth?');
    expect(findings[0]?.expr).toBe('queue_busy > 3 and queue_depht > 5');
  });

  it("may be the operator's PrometheusRule, and several documents", async () => {
    const rule = (expr: string) =>
      `kind: PrometheusRule\nspec:\n  groups:\n    - name: a\n      rules: [{ alert: A, expr: '${expr}', for: 5m }]\n`;
    const file = await written('rule.yml', `${rule('queue_depth > 5')}---\n${rule('queue_done_total > 5')}`);
    expect(short(await lintViews(broker, { files: [file] }))).toEqual([
      'counter rule.yml:11, group a, alert A, column 1',
    ]);
  });

  it('of dashboards are checked, also within rows and as the API has them', async () => {
    const target = (expr: string, more: object = {}) => ({ refId: 'A', expr, ...more });
    const bytes = { fieldConfig: { defaults: { unit: 'bytes' } } };
    const where = 'job=~"$job", instance=~"$instance"';
    const panels = [
      {
        title: 'Row',
        type: 'row',
        panels: [{ title: 'Inner', targets: [target(`rate(queue_done_total{${where}}[1m])`)] }],
      },
      { title: 'Wait', ...bytes, targets: [target(`queue_wait_seconds_sum{${where}} > 0`)] },
      { title: 'Logs', targets: [target('{app="x"} |= "y"', { datasource: { type: 'loki' } })] },
      { title: 'Legend', targets: [target(`sum(queue_depth{${where}})`, { legendFormat: '{{queue}}' })] },
      { title: 'Any', targets: [target(`sum(queue_depth{${where}})`, { legendFormat: '__auto' })] },
    ];
    const file = await written('board.json', JSON.stringify({ dashboard: { panels } }));
    expect(short(await lintViews(broker, { files: [file] }))).toEqual([
      'range board.json, panel Inner, query A, column 59',
      'counter board.json, panel Wait, query A, column 1',
      'unit board.json, panel Wait, query A',
      'template board.json, panel Legend, query A',
    ]);
  });

  it.each([
    ['a.yaml', 'a: [', /a\.yaml: not YAML; /],
    ['b.yaml', 'a: 1', /b\.yaml: no list of groups; lintViews takes rules files/],
    ['c.json', '{', /c\.json: not JSON; /],
    ['d.json', '{"elements": {}}', /d\.json: schema v2; export it as classic/],
    ['e.json', '[]', /e\.json: no list of panels/],
    ['f.txt', '', /f\.txt is neither \.json nor \.yaml/],
  ])('%s says what is wrong with it', async (name, text, says) => {
    const file = await written(name, text);
    await expect(lintViews(broker, { files: [file] })).rejects.toThrow(says);
  });

  it('that is missing is named', async () => {
    await expect(lintViews(broker, { files: ['gone.yaml'] })).rejects.toThrow(
      'lintViews: cannot read gone.yaml: ENOENT',
    );
  });
});

it('knows labels that Prometheus adds, and waivers', async () => {
  const file = await written(
    'own.yaml',
    `groups: [{ name: a, rules: [{ alert: A, expr: 'queue_depth{cluster="x"} > 5 and queue_done_total > 5', for: 5m }] }]`,
  );
  expect(short(await lintViews(broker, { files: [file] }))).toHaveLength(2);
  const options = { targetLabels: ['cluster'], waive: { counter: 'reset daily' } };
  expect(await lintViews(broker, { files: [file], ...options })).toEqual([]);
});

it('says what to install if the parser is missing', async () => {
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  await expect(promqlParser(() => Promise.reject(missing))).rejects.toThrow(
    'lintViews: the PromQL parser is not installed; npm install --save-dev @prometheus-io/lezer-promql',
  );
});
