import { type Counter, counter, type Gauge, gauge, type LabelValue } from 'exporter-kit';

type Args<L extends string> = [L] extends [never]
  ? readonly [value: number]
  : readonly [labels: { readonly [K in L]: LabelValue }, value: number];

/** Declares families whose names begin alike and whose labels are the same. */
export interface Families<L extends string> {
  counter(name: string, help: string): Counter<Args<L>>;
  gauge(name: string, help: string): Gauge<Args<L>>;
}

/** Families as postgres_exporter names them, whose counters, for example, rarely end in `_total`. */
export function families<const L extends string = never>(prefix: string, labels: readonly L[] = []): Families<L> {
  const declaration = (name: string, help: string) => ({
    name: `${prefix}_${name}`,
    help,
    labels,
    waive: 'name and type of postgres_exporter',
  });
  return {
    counter: (name, help) => counter(declaration(name, help)) as unknown as Counter<Args<L>>,
    gauge: (name, help) => gauge(declaration(name, help)) as unknown as Gauge<Args<L>>,
  };
}
