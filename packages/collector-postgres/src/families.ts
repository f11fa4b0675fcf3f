import { type Alert, type Counter, counter, type Gauge, gauge, type LabelValue } from 'exporter-kit';

type Args<L extends string> = [L] extends [never]
  ? readonly [value: number]
  : readonly [labels: { readonly [K in L]: LabelValue }, value: number];

/** Declares families whose names begin alike and whose labels are the same. */
export interface Families<L extends string> {
  counter(name: string, help: string, ...alert: readonly Alert[]): Counter<Args<L>>;
  gauge(name: string, help: string, ...alert: readonly Alert[]): Gauge<Args<L>>;
}

/** Families as postgres_exporter names them, whose counters, for example, rarely end in `_total`. */
export function families<const L extends string = never>(prefix: string, labels: readonly L[] = []): Families<L> {
  const declaration = (name: string, help: string, alert: readonly Alert[]) => ({
    name: `${prefix}_${name}`,
    help,
    labels,
    waive: 'name and type of postgres_exporter',
    ...(alert.length === 0 ? {} : { alert }),
  });
  return {
    counter: (name, help, ...alert) => counter(declaration(name, help, alert)) as unknown as Counter<Args<L>>,
    gauge: (name, help, ...alert) => gauge(declaration(name, help, alert)) as unknown as Gauge<Args<L>>,
  };
}
