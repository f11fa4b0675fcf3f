/** The labels of all series. */
export type Labels = {
  readonly region: string;
  readonly host: string;
  readonly disk: string;
};

/** One row: a gauge's series, or a histogram. */
export interface Labelled {
  readonly labels: Labels;
}

export interface Family<S extends Labelled> {
  readonly name: string;
  series: S[];
}

export const LABELS = ['region', 'host', 'disk'] as const;
const FAMILIES = 20;

/** The labels of series `i` of a family. */
export function labelsOf(i: number): Labels {
  return { region: `region-${i % 7}`, host: `host-${Math.floor(i / 8)}.example.internal`, disk: `disk${i % 8}` };
}

/**
 * Spreads `count` series evenly over the families. They are parsed from JSON, so that strings are flat and not shared, as
 * from an upstream source.
 */
export function makeFamilies<S extends Labelled>(
  name: (f: number) => string,
  count: number,
  rest: Omit<S, 'labels'>,
  families: number = FAMILIES,
): Family<S>[] {
  return Array.from({ length: families }, (_, f) => {
    const size = Math.floor((count * (f + 1)) / families) - Math.floor((count * f) / families);
    const series = Array.from({ length: size }, (_, i) => ({ labels: labelsOf(i), ...rest }));
    return { name: name(f), series: JSON.parse(JSON.stringify(series)) };
  });
}
