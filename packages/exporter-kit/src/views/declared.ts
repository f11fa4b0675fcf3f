import type { Metric } from '../metric/metric.ts';
import type { Views } from '../metric/views.ts';

/** What a program declares: the one input of documents, dashboards and alerts. */
export interface DeclaredProgram {
  readonly kind: 'exporter' | 'job';
  /** An exporter's name, such as `broker_exporter`; a job's name, its label `job`. */
  readonly name: string;
  /** Prefix of the families about scrapes, such as `broker`; of a job, of its alerts. */
  readonly namespace: string;
  readonly title: string;
  readonly version: string;
  /** Where it listens by default; absent for jobs. */
  readonly port?: number;
  /** How Prometheus reaches it, where that differs from `localhost:<port>/metrics`. */
  readonly scraped?: Scraped;
  /** What its declaration changes about its dashboard. */
  readonly views?: Views;
  /** Sources, collectors, probes or the job, in their order; then the program itself. */
  readonly groups: readonly DeclaredGroup[];
}

/** How Prometheus reaches an exporter. */
export interface Scraped {
  /** `host:port` */
  readonly address?: string;
  readonly path?: string;
  readonly scheme?: 'http' | 'https';
  /** Whether targets of its sources have names. */
  readonly listsTargets?: boolean;
  /** Names of the modules of `/probe`. */
  readonly modules?: readonly string[];
}

/** Name of the group with what every probe has; names of probes have no space. */
export const EVERY_PROBE = 'every probe';

/** What one origin writes. */
export interface DeclaredGroup {
  readonly kind: 'source' | 'collector' | 'probe' | 'job' | 'itself';
  readonly name: string;
  /** As exposed, with prefixes and all labels but those that Prometheus adds. Names are unique within the group. */
  readonly metrics: readonly Metric[];
  /** Of a collector: the name of its source. */
  readonly source?: string;
  /** Whether it has families that are known only at run time. */
  readonly isDynamic: boolean;
  /** Whether it is about the exporter itself, like Node's runtime. */
  readonly isAuxiliary: boolean;
  /** What it takes for it to be written, such as `with a config file`; absent if it always is. */
  readonly when?: string;
}

/** A panel of the dashboard. */
export interface Panel {
  /** The same for the same metric and kind of panel, so that diffs are small. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly type: 'timeseries' | 'stat' | 'table' | 'state-timeline' | 'heatmap';
  /** Grafana's id of the unit, such as `s`, `bytes`, `ops`; `short` for none. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** The families that it shows. */
  readonly metrics: readonly Metric[];
  /** What the values 0, 1, 2, … mean. */
  readonly states?: readonly PanelState[];
  /** Drawn as lines: where alerts of these families fire. */
  readonly thresholds?: readonly Threshold[];
}

/** Values above, or below, which an alert fires. */
export interface Threshold {
  readonly is: 'above' | 'below';
  readonly value: number;
}

/** A value's name, and whether it is good news. */
export interface PanelState {
  readonly name: string;
  readonly tone?: 'good' | 'bad';
}

/** An expression of a panel. */
export interface Query {
  /** PromQL with Grafana's `$job`, `$instance` and `$__rate_interval`. */
  readonly expr: string;
  readonly legend: string;
  /** Whether only the latest value is asked for. */
  readonly isInstant?: boolean;
}

/** A row of the dashboard. */
export interface PanelRow {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** An alerting rule. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** As `10m`. */
  readonly for: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly summary: string;
  readonly description: string;
  /** By `runbooks`, if given. */
  readonly runbookUrl?: string;
  /** The families that it asks. */
  readonly metrics: readonly string[];
  /** What `promtool test rules` tries: at least one in which it fires, and one in which it is silent. */
  readonly cases: readonly AlertCase[];
}

/** Series, and what an alert makes of them. */
export interface AlertCase {
  /** Completes the sentence “it fires if …” or “it is silent if …”. */
  readonly title: string;
  readonly series: readonly InputSeries[];
  /** The alert that fires once the condition has held for its time; absent for none. */
  readonly fires?: { readonly labels: { readonly [label: string]: string }; readonly value: number };
}

/** A recording rule. */
export interface RecordingRule {
  /** `level:metric:operations`. */
  readonly record: string;
  readonly expr: string;
}

/** A series of `promtool test rules`. */
export interface InputSeries {
  readonly series: string;
  /** A sample a minute, without their number: `0` stays 0, `600+60` rises by 60. */
  readonly values: string;
}
