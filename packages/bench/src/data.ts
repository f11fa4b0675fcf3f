/** What every contender exposes: families of series with three labels, and a value for each that is new at every scrape. */
export interface Series {
  readonly labels: { readonly region: string; readonly host: string; readonly disk: string };
  value: number;
}

export interface Data {
  readonly families: readonly { readonly name: string; readonly series: readonly Series[] }[];
  /** Gives every series the value it has at scrape `n`: half are integers, 30 % have two decimals, 20 % are full doubles. */
  turn(n: number): void;
}

/** The same series for everyone, spread evenly over the families. */
export function makeData(count: number, families = 20): Data {
  const made = Array.from({ length: families }, (_, f) => ({
    name: `bench_family${f}_bytes`,
    series: Array.from(
      { length: Math.floor((count * (f + 1)) / families) - Math.floor((count * f) / families) },
      (_, i) => ({
        labels: { region: `region-${i % 7}`, host: `host-${Math.floor(i / 8)}.example.internal`, disk: `disk${i % 8}` },
        value: 0,
      }),
    ),
  }));
  return {
    families: made,
    turn(n) {
      let state = (n * 2654435761 + 1) >>> 0;
      for (const { series } of made) {
        for (const one of series) {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          const kind = state % 10;
          const whole = state >>> 8;
          one.value = kind < 5 ? whole : kind < 8 ? whole / 100 : whole / 16777259;
        }
      }
    },
  };
}
