import type { Known } from './known.ts';
import type { Expr } from './promql.ts';

/** An expression in somebody's file, with what is around it. */
export interface Asked {
  readonly file: string;
  /** In the file, such as `group shop.alerts, alert ShopDown`. */
  readonly place: string;
  /** Of the file; absent for what is generated. */
  readonly line?: number;
  readonly use: 'panel' | 'alert' | 'record';
  readonly text: string;
  /** Name of what a rule records. */
  readonly record?: string;
  /** Of a panel's series. */
  readonly legend?: string;
  /** Grafana's unit of the panel, if all its series have the same. */
  readonly unit?: string;
  /** Whether only the latest value is asked for. */
  readonly isInstant?: boolean;
  /** `for` of an alert. */
  readonly held?: string;
  /** Of an alert: labels and annotations. */
  readonly labels?: { readonly [name: string]: string };
  readonly annotations?: { readonly [name: string]: string };
}

/** A rule's finding. */
export interface Problem {
  readonly rule: ViewRule;
  /** Where it begins in the expression; absent for what is beside it. */
  readonly from?: number;
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** Checks one parsed expression. */
export type Rule = (asked: Asked, expr: Expr, known: Known) => Iterable<Problem>;

/**
 * - `syntax`: not PromQL
 * - `metric`: not declared
 * - `label`, `value`: a label that the metric does not have, or a value that the label never has
 * - `matchers`: a dashboard's selector without the variables for job and instance, or an alert on a metric of every program
 *   without its job
 * - `counter`: a counter's total rather than its increase
 * - `gauge`: `rate` of what is no counter
 * - `range`: a fixed range in a dashboard
 * - `le`: buckets without `le` in `histogram_quantile`
 * - `template`: a legend or annotation with a label that an aggregation removed
 * - `flapping`: the value in an alert's labels
 * - `absent`: `absent()` without `for`
 * - `unit`: such as bytes drawn as seconds
 */
export type ViewRule =
  | 'syntax'
  | 'metric'
  | 'label'
  | 'value'
  | 'matchers'
  | 'counter'
  | 'gauge'
  | 'range'
  | 'le'
  | 'template'
  | 'flapping'
  | 'absent'
  | 'unit';
