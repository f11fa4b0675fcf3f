import type { Metric } from '../../metric/metric.ts';
import { camelCase, olderThan } from '../../metric/views.ts';
import type { AlertRule, DeclaredGroup } from '../declared.ts';
import { is, selector } from '../selector.ts';
import { collectorFailing } from './collector-failing.ts';
import { declaredAlert } from './declared-alert.ts';
import { constant, rising } from './level.ts';
import { metricIn, nameIn, type Scope, sourceLabels, targetIn } from './scope.ts';
import { labelValue, whose } from './texts.ts';

/** Alerts that need no declaration, beside those that the kit declares on its own metrics. */
export function ownAlerts(scope: Scope): AlertRule[] {
  const { program } = scope;
  if (program.kind === 'job') {
    const success = metricIn(scope, 'job_last_success_timestamp_seconds');
    const every = program.views?.succeedsEvery;
    return every === undefined || success === undefined ? [] : jobWithoutSuccess(scope, success, every);
  }
  const sources = program.groups.filter(({ kind }) => kind === 'source');
  return [
    exporterDown(scope),
    exporterAbsent(scope),
    ...sources.map((source) => sourceDown(scope, source)),
    ...sources.flatMap((source) => sourceFailing(scope, source)),
    ...collectorFailing(scope, sources),
  ];
}

/** That a job did not succeed for too long, or never did. */
function jobWithoutSuccess(scope: Scope, success: Metric, every: string): AlertRule[] {
  const overdue = declaredAlert(scope, success, {
    name: 'JobOverdue',
    when: olderThan(every),
    severity: 'critical',
    summary: 'Job has not succeeded in time.',
  });
  const labels = targetIn(scope);
  return [
    overdue,
    {
      alert: nameIn(scope, 'JobNeverSucceeded'),
      expr: scope.jobs.map((job) => `absent(${selector(success.name, is('job', job))})`).join(' or '),
      for: every,
      severity: 'critical',
      summary: 'Job has never succeeded.',
      description: `There is no result of job ${labelValue('job')}: it never succeeded, or its result was lost.`,
      metrics: [success.name],
      cases: [
        { title: 'there is no result', series: [], fires: { labels, value: 1 } },
        { title: 'there is one', series: [constant(success.name, labels, 0)] },
      ],
    },
  ];
}

function exporterDown(scope: Scope): AlertRule {
  const labels = targetIn(scope);
  return {
    alert: nameIn(scope, `${scope.component}ExporterDown`),
    expr: `${selector('up', scope.ownMatcher)} == 0`,
    for: '5m',
    severity: 'critical',
    summary: 'Exporter does not answer.',
    description: `Prometheus gets no metrics from ${labelValue('instance')}, so nothing else about it can be alerted on. It is down or out of reach, or all its collectors fail.`,
    metrics: ['up'],
    cases: [
      { title: 'a scrape fails', series: [constant('up', labels, 0)], fires: { labels, value: 0 } },
      { title: 'scrapes succeed', series: [constant('up', labels, 1)] },
    ],
  };
}

/** Also tells that the rules look for a job that is called otherwise. */
function exporterAbsent(scope: Scope): AlertRule {
  const { jobs } = scope;
  const up = (job: string): string => selector('up', is('job', job));
  const others = jobs.slice(1).map((job) => constant('up', { ...targetIn(scope), job }, 1));
  return {
    alert: nameIn(scope, `${scope.component}ExporterAbsent`),
    expr: jobs.map((job) => `absent(${up(job)})`).join(' or '),
    for: '10m',
    severity: 'critical',
    summary: 'Exporter is not scraped.',
    description: `Prometheus has no target of job ${labelValue('job')}: it was removed, or the job has another name.`,
    metrics: ['up'],
    cases: [
      { title: 'there is no target', series: others, fires: { labels: { job: jobs[0]! }, value: 1 } },
      { title: 'there is one', series: [...others, constant('up', targetIn(scope), 0)] },
    ],
  };
}

const nameOf = ({ component }: Scope, { name }: DeclaredGroup): string => {
  const source = camelCase(name);
  return source === component ? component : component + source;
};

function sourceDown(scope: Scope, source: DeclaredGroup): AlertRule {
  const [up] = source.metrics;
  const labels = labelsIn(scope, sourceLabels(source));
  // A target of /probe has an alert of its own: one is enough.
  const probed = metricIn(scope, 'probe_success');
  const unless = probed && ` unless on (job, instance) ${selector(probed.name, scope.matcher)}`;
  return {
    alert: `${nameOf(scope, source)}Down`,
    expr: `${selector(up!.name, scope.matcher)} == 0${unless ?? ''}`,
    for: '5m',
    severity: 'critical',
    summary: `Source ${source.name} is down.`,
    description: `${source.name} does not answer ${whose(scope, sourceLabels(source))}, so that nothing else about it is known.`,
    metrics: [up!.name, ...(probed === undefined ? [] : [probed.name])],
    cases: [
      { title: 'it does not answer', series: [constant(up!.name, labels, 0)], fires: { labels, value: 0 } },
      { title: 'it answers', series: [constant(up!.name, labels, 1)] },
      ...(probed === undefined
        ? []
        : [
            {
              title: 'it is probed, and a probe that fails has an alert',
              series: [constant(up!.name, labels, 0), constant(probed.name, targetIn(scope), 0)],
            },
          ]),
    ],
  };
}

/** Of a source that is up again and again; one that stays down has an alert already. */
function sourceFailing(scope: Scope, source: DeclaredGroup): AlertRule[] {
  const failures = metricIn(scope, `${scope.program.namespace}_scrape_source_failures_total`);
  if (failures === undefined) return [];
  const [up] = source.metrics;
  const told = sourceLabels(source);
  const labels = labelsIn(scope, told);
  const whole = { ...labels, source: source.name };
  const asked = selector(failures.name, scope.matcher, is('source', source.name));
  const on = ['job', 'instance', ...told].join(', ');
  const series = (perSecond: number) => [
    rising(failures.name, { ...whole, stage: 'open' }, perSecond),
    rising(failures.name, { ...whole, stage: 'read' }, perSecond),
  ];
  return [
    {
      alert: `${nameOf(scope, source)}Failing`,
      expr: `sum without (stage) (rate(${asked}[5m])) > 0 unless on (${on}) max_over_time(${selector(up!.name, scope.matcher)}[10m]) == 0`,
      for: '15m',
      severity: 'warning',
      summary: `Source ${source.name} often fails.`,
      description: `${source.name} answers ${whose(scope, told)} only now and then: {{ $value | humanize }} attempts per second fail.`,
      metrics: [failures.name, up!.name],
      cases: [
        {
          title: 'attempts fail and it is up',
          series: [...series(0.1), constant(up!.name, labels, 1)],
          fires: { labels: whole, value: 0.2 },
        },
        { title: 'attempts fail because it is down', series: [...series(0.1), constant(up!.name, labels, 0)] },
        { title: 'no attempt fails', series: [...series(0), constant(up!.name, labels, 1)] },
      ],
    },
  ];
}

const labelsIn = (scope: Scope, told: readonly string[]): { readonly [label: string]: string } => ({
  ...targetIn(scope),
  ...Object.fromEntries(told.map((name) => [name, `some ${name}`])),
});
