import { compared, type Figure, figures, type Measured } from './figures.ts';
import { bound, type Verdict } from './goals.ts';
import { howToGet } from './measure/programs.ts';
import { median } from './measure/statistics.ts';
import type { Repeats, Result } from './result.ts';
import { grouped, table } from './table.ts';

// Cost must grow linearly with the number of series, with a margin for cache misses.
const LINEAR = { from: 10_000, atMost: 1.5 };

/** All results, as Markdown. */
export function report(
  results: readonly Result[],
  facts: { readonly [fact: string]: string },
  { rounds, runs }: Repeats,
): string {
  return [
    `Medians of ${runs * rounds} interleaved rounds, ${rounds} in each of ${runs} runs with new processes; each contender in its own process, each answer checked to hold the same series and values.`,
    table(['fact', ''], Object.entries(facts)),
    '## Goals',
    "`≥ 12 ×`: at least 12 times better than the other, which is less CPU or time, or more requests. `≤ 0.35 ×`: at most that share of the other's. Measured: the median of the runs. A goal is reached if it is in every run.",
    table(
      ['work', 'n', 'figure', 'against', 'goal', 'measured', '', 'runs'],
      [...results.flatMap(goalLines), ...linear(results)],
    ),
    ...costBySize(results),
    "Below, in brackets: the figure as a multiple of the kit's.",
    ...results.map(section),
  ].join('\n\n');
}

function goalLines({ row, verdicts, failure }: Result): string[][] {
  return verdicts.map((verdict) => {
    const { of, measured, reached } = verdict;
    const outcome = failure === undefined ? 'not measured' : 'failed';
    const runs = measured.length;
    return [
      row.work,
      grouped(row.n),
      figures[verdict.figure].title + (of === undefined ? '' : ` of ${of}`),
      verdict.against ?? '',
      bound(verdict),
      runs === 0 ? outcome : inWords(verdict, median(measured)),
      runs === 0 ? '' : reached === runs ? 'reached' : 'MISSED',
      runs === 0 ? '' : `${reached} of ${runs}`,
    ];
  });
}

function inWords({ times, against, figure }: Verdict, measured: number): string {
  if (times !== undefined) return `${measured.toFixed(times < 2 ? 2 : 1)} ×`;
  if (against !== undefined) return `${measured.toFixed(2)} ×`;
  return measured.toFixed(figures[figure].digits);
}

/** Nanoseconds per series by size, for contenders scraped at several sizes. */
function costBySize(results: readonly Result[]): string[] {
  const scrapes = scrapesOf(results);
  if (scrapes.length < 2) return [];
  const names = [...new Set(scrapes.flatMap(({ measured }) => [...measured.keys()]))];
  const lines = names.map((name) => [name, ...scrapes.map(({ measured }) => cell(measured, name, 'nsPerSeries'))]);
  return ['## CPU ns a series by size', table(['', ...scrapes.map(({ row }) => grouped(row.n))], lines)];
}

/** The same as a goal: cost per series at the largest size, relative to smaller ones. */
function linear(results: readonly Result[]): string[][] {
  const scrapes = scrapesOf(results);
  const [few, many] = [scrapes.find(({ row }) => row.n === LINEAR.from), scrapes.at(-1)];
  if (few === undefined || many === undefined || many === few) return [];
  const [before, after] = [few, many].map(({ measured }) => median(measured.get('kit')?.nsPerSeries ?? []));
  const growth = after! / before!;
  const against = `itself at ${grouped(few.row.n)}`;
  const verdict = growth <= LINEAR.atMost ? 'reached' : 'MISSED';
  const goal = `≤ ${LINEAR.atMost} ×`;
  return [
    ['scrape', grouped(many.row.n), figures.nsPerSeries.title, against, goal, `${growth.toFixed(2)} ×`, verdict, ''],
  ];
}

const scrapesOf = (results: readonly Result[]): readonly Result[] =>
  results.filter(({ row, measured }) => row.work === 'scrape' && measured.has('kit'));

function section({ row, measured, missing, failure }: Result): string {
  const shown = (Object.keys(figures) as Figure[]).filter((figure) =>
    [...measured.values()].some((of) => figure in of),
  );
  const lines = [...measured.keys()].map((name) => [name, ...shown.map((figure) => cell(measured, name, figure))]);
  return [
    `## ${row.work}, ${grouped(row.n)}: ${row.title}`,
    ...(measured.size > 0 ? [table(['', ...shown.map((figure) => figures[figure].title)], lines)] : []),
    ...(missing.length > 0 ? [`Without ${missing.join(', ')}: not here; ${howToGet(missing)}.`] : []),
    ...(failure === undefined ? [] : [`Failed: ${failure}`]),
  ].join('\n\n');
}

function cell(measured: Measured, name: string, figure: Figure): string {
  const samples = measured.get(name)?.[figure];
  if (samples === undefined) return '';
  const { digits } = figures[figure];
  const value = median(samples);
  const shown = digits === 0 ? grouped(value) : value.toFixed(digits);
  const kit = measured.get('kit')?.[figure];
  if (name === 'kit' || kit === undefined || !compared.has(figure)) return shown;
  return `${shown} (${(value / median(kit)).toFixed(2)} ×)`;
}
