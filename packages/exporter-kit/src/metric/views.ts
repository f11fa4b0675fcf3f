import type { Metric } from './metric.ts';

/** When an alert fires; made by {@link above}, {@link below}, {@link olderThan}, {@link expiresWithin} and {@link inState}. */
export type Condition =
  | {
      readonly is: 'above' | 'below';
      readonly value: number;
      readonly of?: Metric;
    }
  | { readonly is: 'older' | 'expires'; readonly within: string }
  | { readonly is: 'state'; readonly states: readonly string[] };

/** Options of {@link above} and {@link below}. */
export interface Share {
  /** What the metric is divided by: `above(0.9, { of: limit })`. */
  readonly of?: Metric;
}

/**
 * For an alert on values above `value`: of a counter, its increase per second; of a histogram or summary, its mean. With `of`,
 * divided by another metric; where that one is 0, there is no alert.
 *
 * @example
 * const size = gauge({ name: 'disk_size_bytes', help: 'Size of the disk.', unit: 'bytes' });
 * const used = gauge({ …, alert: { when: above(0.9, { of: size }), summary: 'Disk is almost full.' } });
 */
export const above = (value: number, share: Share = {}): Condition => ({ is: 'above', value, ...share });

/** For an alert on values below `value`; see {@link above}. */
export const below = (value: number, share: Share = {}): Condition => ({ is: 'below', value, ...share });

/** For an alert on a gauge that is a Unix time longer ago than `duration`, such as `26h`. */
export const olderThan = (duration: string): Condition => ({ is: 'older', within: duration });

/** For an alert on a gauge that is a Unix time less than `duration` ahead, such as `7d`, or past. */
export const expiresWithin = (duration: string): Condition => ({ is: 'expires', within: duration });

/** For an alert on a stateset in one of these states. */
export const inState = (...states: readonly string[]): Condition => ({ is: 'state', states });

/** An alert on a metric, written to `alerts.yaml`. */
export interface Alert {
  /** CamelCase; default: from the metric's name and the condition. The program's name is put in front, if it isn't there. */
  readonly name?: string;
  readonly when: Condition;
  /** Only these series: values of labels. */
  readonly only?: { readonly [label: string]: string };
  /** Labels to keep; values are summed over the others, so that `[]` is one sum for each instance. Default: all labels. */
  readonly by?: readonly string[];
  /** How long the condition must hold, as `10m`; at least `2m`, for two scrapes; default `5m`. */
  readonly for?: string;
  /** `critical` wakes somebody up, `warning` becomes a ticket; default `warning`. */
  readonly severity?: 'critical' | 'warning' | 'info';
  /** A sentence without values, the same for all series. */
  readonly summary: string;
}

/** An objective for a histogram: this share of its observations is not above `under`. Becomes burn-rate alerts. */
export interface Slo {
  /** A bucket's bound, in the metric's unit. */
  readonly under: number;
  /** In percent, such as 99.9. */
  readonly objective: number;
}

/** That a metric is to go. Its HELP text says so. */
export interface Deprecated {
  /** The metric's new name: its series are written under both, and panels and alerts ask for either. */
  readonly replacedBy?: string;
  /** The version without it, such as `2.0.0`; from then on, `views --check` asks for its removal. */
  readonly until?: string;
}

/** What a declaration says for documents, dashboards and alerts; only `deprecated` is exposed. */
export interface MetricViews {
  readonly alert?: Alert | readonly Alert[];
  readonly slo?: Slo;
  readonly deprecated?: Deprecated;
  /** Default `stable`. */
  readonly stability?: 'experimental' | 'stable';
  /** The version that brought it. */
  readonly since?: string;
}

/** The alerts of a declaration, as a list. */
export const alertsIn = ({ alert = [] }: MetricViews = {}): readonly Alert[] =>
  Array.isArray(alert) ? alert : [alert as Alert];

/** What a declaration says under a prefix of the metrics' names; see `withPrefix`. */
export function prefixedViews(prefix: string, views: MetricViews): MetricViews {
  const alerts = alertsIn(views).map(({ name, when, ...alert }) => ({
    ...alert,
    // Two collectors that differ in their prefix have different alerts.
    ...(name === undefined ? {} : { name: camelCase(prefix) + name }),
    when: 'of' in when && when.of !== undefined ? { ...when, of: { ...when.of, name: prefix + when.of.name } } : when,
  }));
  const { deprecated } = views;
  const replacedBy = deprecated?.replacedBy;
  return {
    ...views,
    ...(alerts.length === 0 ? {} : { alert: alerts }),
    ...(replacedBy === undefined ? {} : { deprecated: { ...deprecated, replacedBy: prefix + replacedBy } }),
  };
}

/** `queue_depth` is `QueueDepth`. */
export const camelCase = (name: string): string =>
  name
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

/** Changes to the dashboard and the alerts that the kit makes from an exporter's or a job's declarations. */
export interface Views {
  /** Default: the program's title. */
  readonly title?: string;
  /** At most 40 letters, digits, `-` and `_`; default: from the program's name. */
  readonly uid?: string;
  /** Beside `exporter-kit`. */
  readonly tags?: readonly string[];
  /** Names of metrics without panels. */
  readonly without?: readonly string[];
  /** Rows of your own, after the overview. */
  readonly rows?: readonly OwnRow[];
  /** Label `job` of what the alerts are about, or several; default: the program's name. */
  readonly job?: string | readonly string[];
  /** Where runbooks are: an alert's `runbook_url` is this text with the alert's name behind it. Default: none. */
  readonly runbooks?: string;
  /** Of a job: the longest time from one success to the next, such as `26h`. Without it, no alert tells that the job does not run. */
  readonly succeedsEvery?: string;
}

/** A row of a dashboard with panels of your own. */
export interface OwnRow {
  readonly title: string;
  readonly panels: readonly OwnPanel[];
}

/** A panel of your own. */
export interface OwnPanel {
  readonly title: string;
  readonly description: string;
  /** Default `timeseries`. */
  readonly type?: 'timeseries' | 'stat' | 'table';
  /** Grafana's id of the unit, such as `s`, `bytes`, `percentunit`, `ops`; default `short`. */
  readonly unit?: string;
  /**
   * PromQL; the keys are legends: `{ '{{queue}}': 'sum by (queue) (rate(x_total{job=~"$job", instance=~"$instance"}[$__rate_interval]))' }`.
   */
  readonly queries: { readonly [legend: string]: string };
}
