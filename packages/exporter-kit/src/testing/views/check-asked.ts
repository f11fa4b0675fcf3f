import type { DeclaredProgram } from '../../views/declared.ts';
import type { Asked, Problem, Rule, ViewRule } from './asked.ts';
import { knownSeries } from './known.ts';
import { promqlParser } from './promql.ts';
import { heldAbsence, stableLabels } from './rules/alerts.ts';
import { buckets, grouping, templates } from './rules/labels.ts';
import { counters, fixedRanges } from './rules/ranges.ts';
import { declaredOnly, matching } from './rules/selectors.ts';
import { units } from './rules/units.ts';

/** A finding of {@link lintViews}. */
export interface ViewFinding {
  readonly rule: ViewRule;
  /** File and line, group and alert, or panel and query, and the column in the expression. */
  readonly where: string;
  /** What is wrong, and what to do. */
  readonly message: string;
  readonly expr: string;
}

const rules: readonly Rule[] = [
  ...[declaredOnly, matching, counters, fixedRanges, grouping, buckets, templates],
  ...[stableLabels, heldAbsence, units],
];

/** Checks expressions against what a program declares, in their order. */
export async function checkAsked(
  asked: readonly Asked[],
  program: DeclaredProgram,
  targetLabels: readonly string[],
): Promise<ViewFinding[]> {
  const parse = await promqlParser();
  const recorded = new Set(asked.flatMap(({ record = [] }) => record));
  const known = knownSeries(program, targetLabels, recorded);
  return asked.flatMap((one) => {
    const parsed = parse(one.text);
    if ('expr' in parsed) return rules.flatMap((rule) => [...rule(one, parsed.expr, known)].map(findingOf(one)));
    const { from } = parsed.problem;
    const near = one.text.slice(from, from + 20).trim();
    const message = `not PromQL${near === '' ? ', it ends too early' : ` from ${JSON.stringify(near)} on`}; correct it`;
    return [findingOf(one)({ rule: 'syntax', from, message })];
  });
}

const findingOf =
  ({ file, line, place, text }: Asked) =>
  ({ rule, from, message }: Problem): ViewFinding => {
    const column = from === undefined ? '' : `, column ${from + 1}`;
    return { rule, where: `${file}${line === undefined ? '' : `:${line}`}, ${place}${column}`, message, expr: text };
  };
