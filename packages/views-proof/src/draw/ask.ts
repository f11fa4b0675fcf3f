import { type Dashboard, type Panel, type Ranges, withEverything } from '../dashboard.ts';

/** A line of a chart: points in Unix seconds. */
export interface Line {
  readonly legend: string;
  readonly labels: Labels;
  readonly points: readonly Point[];
  /** Instead of points, of native histograms. */
  readonly histograms: readonly (readonly [time: number, buckets: readonly Bucket[]])[];
}

type Labels = { readonly [label: string]: string };
type Point = readonly [time: number, value: number];
type Bucket = readonly [lower: number, upper: number, count: number];

/** What a server said to one expression of a panel. */
export interface Answer {
  /** The expression, as it was asked. */
  readonly expr: string;
  readonly lines: readonly Line[];
  /** The server's error. */
  readonly error?: string;
}

/** A panel with what the server answered. */
export interface Answered {
  readonly panel: Panel;
  readonly answers: readonly Answer[];
}

export interface AnsweredRow {
  readonly title: string;
  /** The time asked for, in Unix seconds, and shown. */
  readonly from: number;
  readonly to: number;
  readonly panels: readonly Answered[];
}

/** What is asked: the last `seconds`, a point every `step`. */
export interface Asking {
  /** URL of Prometheus, or of what answers like it. */
  readonly at: string;
  readonly seconds: number;
  readonly step: number;
}

/** Asks what every panel of a dashboard shows, as Grafana does; an error is part of the answer. */
export async function ask({ rows }: Dashboard, asking: Asking): Promise<AnsweredRow[]> {
  const { seconds, step } = asking;
  // The same points in time for all.
  const to = Math.floor(Date.now() / 1000 / step) * step;
  const time = { from: to - seconds, to };
  const answered: AnsweredRow[] = [];
  for (const { title, panels } of rows) {
    answered.push({
      title,
      ...time,
      panels: await Promise.all(panels.map((panel) => askPanel(panel, { ...asking, ...time }))),
    });
  }
  return answered;
}

interface AskingAt extends Asking {
  readonly from: number;
  readonly to: number;
}

async function askPanel(panel: Panel, asking: AskingAt): Promise<Answered> {
  const ranges: Ranges = { rate: `${4 * asking.step}s`, whole: `${asking.seconds}s` };
  const answers = panel.targets.map(async (target): Promise<Answer> => {
    const expr = withEverything(target.expr, ranges);
    try {
      return { expr, lines: await linesOf(expr, target.legendFormat, asking) };
    } catch (error) {
      return { expr, lines: [], error: (error as Error).message };
    }
  });
  return { panel, answers: await Promise.all(answers) };
}

interface Matrix {
  readonly metric: Labels;
  readonly values?: readonly (readonly [number, string])[];
  readonly histograms?: readonly (readonly [number, { buckets?: readonly (readonly [number, ...string[]])[] }])[];
}

async function linesOf(query: string, legend: string, { at, from, to, step }: AskingAt): Promise<Line[]> {
  const body = new URLSearchParams({ query, start: String(from), end: String(to), step: String(step) });
  const answer = (await (await fetch(`${at}/api/v1/query_range`, { method: 'POST', body })).json()) as
    | { status: 'error'; error: string }
    | { status: 'success'; data: { result: readonly Matrix[] } };
  if (answer.status === 'error') throw new Error(answer.error);
  return answer.data.result.map(({ metric, values = [], histograms = [] }) => ({
    legend: legendIn(legend, metric),
    labels: metric,
    points: values.map(([time, value]) => [time, numberOf(value)]),
    histograms: histograms.map(([time, { buckets = [] }]) => [
      time,
      buckets.map(([, lower, upper, count]) => [Number(lower), Number(upper), Number(count)]),
    ]),
  }));
}

const numberOf = (text: string): number => Number(text.replace('Inf', 'Infinity'));

/** Grafana's legend format; a series that it says nothing about is named by its labels. */
function legendIn(format: string, labels: Labels): string {
  const text = format.replaceAll(/\{\{([^}]+)\}\}/g, (_, name: string) => labels[name] ?? '').trim();
  return text === '' ? `{${Object.entries(labels).map(([name, value]) => `${name}="${value}"`)}}` : text;
}
