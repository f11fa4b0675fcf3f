import type { Memory } from './memory.ts';
import type { Tally } from './tally.ts';

/** The findings of a soak. */
export interface Findings {
  readonly minutes: number;
  readonly tally: Pick<Tally, 'outcomes' | 'surprises'>;
  readonly memory: Memory;
  readonly descriptors: { readonly begin: number; readonly end: number };
  readonly healthyMs: number;
  /** Log lines at level error that no load explains. */
  readonly errorLines: readonly string[];
  /** The exporter's exit code after SIGTERM. */
  readonly exitCode: number | null;
}

/** One line of the table; without `held`, it is for information. */
export interface Line {
  readonly what: string;
  readonly figure: string;
  readonly bar?: string;
  readonly held?: boolean;
}

const MOST_GROWTH = 0.1;
const LONGEST_WAIT_MS = 2000;
const LONGEST_WAIT_OF_A_TEST_MS = 20_000;
// V8 and malloc take time to settle: shorter runs say nothing about growth. Those of a test share the machine with others.
const JUDGED_FROM_MINUTES = 5;

/** Compares the findings with their limits. */
export function verdict(findings: Findings): readonly Line[] {
  const { minutes, tally, memory, descriptors, healthyMs, errorLines, exitCode } = findings;
  const short = minutes < JUDGED_FROM_MINUTES;
  const longest = short ? LONGEST_WAIT_OF_A_TEST_MS : LONGEST_WAIT_MS;
  // The load gives each scrape 2 seconds.
  const unexpected = short ? errorLines.filter((line) => !line.includes(' status=timeout ')) : errorLines;
  const growth = memory.at100 / memory.at10 - 1;
  const grown = { what: 'growth from 10 % to 100 % of the time', figure: `${(growth * 100).toFixed(1)} %` };
  return [
    ...[...tally.outcomes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, n]) => ({ what, figure: String(n) })),
    bar('unexpected answers', String(tally.surprises.count), '0', tally.surprises.count === 0),
    { what: 'resident memory at 10 %', figure: megabytes(memory.at10) },
    { what: 'resident memory at 50 %', figure: megabytes(memory.at50) },
    { what: 'resident memory at 100 %', figure: megabytes(memory.at100) },
    short
      ? { ...grown, bar: `judged from ${JUDGED_FROM_MINUTES} minutes` }
      : { ...grown, bar: '≤ 10 %', held: growth <= MOST_GROWTH },
    { what: 'open descriptors at the beginning', figure: String(descriptors.begin) },
    bar(
      'open descriptors at the end',
      String(descriptors.end),
      `≤ ${descriptors.begin}`,
      descriptors.end <= descriptors.begin,
    ),
    bar('longest wait of /-/healthy', `${Math.round(healthyMs)} ms`, `≤ ${longest} ms`, healthyMs <= longest),
    bar('unexpected lines at level error', String(unexpected.length), '0', unexpected.length === 0),
    bar('exit code after SIGTERM', String(exitCode), '0', exitCode === 0),
  ];
}

function bar(what: string, figure: string, wanted: string, held: boolean): Line {
  return { what, figure, bar: wanted, held };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** The lines as a text table. */
export function tableOf(lines: readonly Line[]): string {
  const cells = lines.map(({ what, figure, bar = '', held }) => [
    what,
    figure,
    bar,
    held === undefined ? '' : held ? 'held' : 'MISSED',
  ]);
  const widths = [0, 1, 2, 3].map((i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => (i === 1 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
