/** When an alert fires; made by {@link above} and {@link below}. */
export interface Condition {
  readonly is: 'above' | 'below';
  readonly value: number;
}

/** For an alert on values above `value`: of a counter, its increase per second; of a histogram, its mean. */
export const above = (value: number): Condition => ({ is: 'above', value });

/** For an alert on values below `value`; see {@link above}. */
export const below = (value: number): Condition => ({ is: 'below', value });

/** An alert on a metric, written to `alerts.yaml`. */
export interface Alert {
  /** CamelCase; default: from the metric's name and the condition. */
  readonly name?: string;
  readonly when: Condition;
  /** Only these series: values of labels. */
  readonly only?: { readonly [label: string]: string };
  /** How long the condition must hold, as `10m`; default `5m`. */
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

/** That a metric is to go. */
export interface Deprecated {
  /** The metric's new name: until then, both are written. */
  readonly replacedBy?: string;
  /** The version without it. */
  readonly until?: string;
}

/** What a declaration says for documents, dashboards and alerts; nothing of it is exposed. */
export interface MetricViews {
  readonly alert?: Alert | readonly Alert[];
  readonly slo?: Slo;
  readonly deprecated?: Deprecated;
  /** Default `stable`. */
  readonly stability?: 'experimental' | 'stable';
  /** The version that brought it. */
  readonly since?: string;
}
