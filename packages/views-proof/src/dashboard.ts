import { readFile } from 'node:fs/promises';

/** What a panel asks. */
export interface Target {
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant: boolean;
}

/** A panel of Grafana's classic schema, as the kit writes it. */
export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly type: 'timeseries' | 'stat' | 'table' | 'state-timeline' | 'heatmap';
  readonly targets: readonly Target[];
  readonly gridPos: { readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: FieldDefaults };
  readonly options: { readonly yAxis?: { readonly unit: string } };
}

export interface FieldDefaults {
  /** Grafana's id of it. */
  readonly unit?: string;
  readonly mappings?: readonly [{ readonly options: { readonly [value: string]: { text: string; color: string } } }];
  readonly thresholds?: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] };
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Reads a generated dashboard; a row that is not collapsed gets the panels after it. */
export async function readDashboard(path: string): Promise<Dashboard> {
  const { title, panels } = JSON.parse(await readFile(path, 'utf8')) as {
    readonly title: string;
    readonly panels: readonly (Panel | (Row & { readonly type: 'row' }))[];
  };
  const rows: { title: string; panels: Panel[] }[] = [];
  for (const panel of panels) {
    if (panel.type === 'row') rows.push({ title: panel.title, panels: [...panel.panels] });
    else rows.at(-1)!.panels.push(panel);
  }
  return { title, rows };
}

/** Time ranges, as Grafana puts them into expressions, such as `30s`. */
export interface Ranges {
  readonly rate: string;
  readonly whole: string;
}

/** An expression as Grafana asks it, with every job and instance chosen. */
export const withEverything = (expr: string, { rate, whole }: Ranges): string =>
  expr
    .replaceAll(/"\$(job|instance)"/g, '".*"')
    .replaceAll('$__rate_interval', rate)
    .replaceAll('$__range', whole);
