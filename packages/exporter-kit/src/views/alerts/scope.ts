import type { Metric } from '../../metric/metric.ts';
import { camelCase } from '../../metric/views.ts';
import { parseDuration } from '../../time/duration.ts';
import type { DeclaredGroup, DeclaredProgram } from '../declared.ts';
import { is } from '../selector.ts';

/** What all alerts of a program have in common. */
export interface Scope {
  readonly program: DeclaredProgram;
  /** Beginning of every alert's name. */
  readonly component: string;
  readonly jobs: readonly string[];
  /** The matcher of `job`. What is scraped at `/probe` has jobs of its own, whose names begin with the program's and `_`. */
  readonly matcher: string;
  /** The matcher of `job` of its own `/metrics`. */
  readonly ownMatcher: string;
  /** The names of a metric: the new one first, if it is renamed. */
  names(metric: Metric): readonly string[];
}

/**
 * Every expression selects by `job`, be the metric's name unique or not: one option changes all of them, and the alert on an
 * absent target tells if it is wrong.
 *
 * @throws TypeError for an invalid option.
 */
export function scopeOf(program: DeclaredProgram): Scope {
  const { job = program.name } = program.views ?? {};
  const jobs = typeof job === 'string' ? [job] : job;
  checkOptions(program, jobs);
  const canProbe = program.groups.some(({ kind }) => kind === 'probe');
  const renamed = new Map<string, readonly string[]>();
  for (const { name, views } of program.groups.flatMap(({ metrics }) => metrics)) {
    const newName = views?.deprecated?.replacedBy;
    if (newName === undefined) continue;
    for (const one of [newName, name]) renamed.set(one, [newName, name]);
  }
  return {
    program,
    component: camelCase(program.name.replace(/_exporter$/, '')),
    jobs,
    ownMatcher: matcherOf(jobs, ''),
    matcher: matcherOf(jobs, canProbe ? '(_.+)?' : ''),
    // A stateset's label is its name, so that its old and new series are not alike.
    names: ({ name, kind }) => (kind === 'stateset' ? [name] : (renamed.get(name) ?? [name])),
  };
}

function matcherOf(jobs: readonly string[], more: string): string {
  if (jobs.length === 1 && more === '') return is('job', jobs[0]!);
  const any = jobs.map(literally).join('|');
  return `job=~${JSON.stringify(jobs.length === 1 || more === '' ? any + more : `(${any})${more}`)}`;
}

function checkOptions({ name, kind, views: { succeedsEvery } = {} }: DeclaredProgram, jobs: readonly string[]): void {
  if (jobs.length === 0 || !jobs.every((job) => typeof job === 'string' && job !== ''))
    throw new TypeError(`${name}: views.job names no job; give the value of the label, or a list.`);
  if (succeedsEvery === undefined) return;
  if (kind !== 'job')
    throw new TypeError(`${name}: views.succeedsEvery is for jobs, and this is an exporter; remove it.`);
  try {
    if (parseDuration(succeedsEvery) > 0) return;
  } catch {
    // As below.
  }
  throw new TypeError(`${name}: views.succeedsEvery ${JSON.stringify(succeedsEvery)} is not a duration; write 26h.`);
}

/** A text as a regular expression for it. */
export const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** An alert's name, with the program's in front. */
export const nameIn = ({ component }: Scope, name: string): string =>
  name.startsWith(component) ? name : component + name;

/** The labels of a target in tests. */
export const targetIn = ({ jobs, program }: Scope): { readonly [label: string]: string } => ({
  job: jobs[0]!,
  ...(program.kind === 'job' ? {} : { instance: 'server:9100' }),
});

export const metricIn = ({ program }: Scope, name: string): Metric | undefined =>
  program.groups.flatMap(({ metrics }) => metrics).find((metric) => metric.name === name);

/** Labels by which the targets of a source are told apart. */
export const sourceLabels = ({ metrics: [up] }: DeclaredGroup): string[] => (up?.labels ?? []).map(({ name }) => name);
