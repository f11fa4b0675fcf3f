import type { Problem, Rule } from '../asked.ts';
import { knownOf, labelsOf, partsOf, vectorIn } from '../flow.ts';
import type { Known } from '../known.ts';
import { type Expr, isVariable } from '../promql.ts';
import { insteadOf } from './selectors.ts';

/** Aggregations by labels that the series do not have. */
export const grouping: Rule = function* (_asked, expr, known) {
  for (const [part] of partsOf(expr)) {
    if (part.is !== 'aggregation' || part.labels === undefined) continue;
    const labels = labelsOf(vectorIn(part.args) ?? part, known);
    const { names, how, from } = part.labels;
    for (const name of names) {
      if (labels === undefined || labels.has(name) || isVariable(name) || isLeInCase(name, part, known)) continue;
      yield {
        rule: 'label',
        from,
        message: `${how} (${name}): the series have no label ${name}; ${insteadOf(name, labels)}`,
      };
    }
  }
};

/** `by (le)` of a native histogram is harmless: the same expression serves both forms. */
const isLeInCase = (name: string, part: Expr, known: Known): boolean =>
  name === 'le' &&
  [...partsOf(part)].some(([one]) => one.is === 'selector' && knownOf(one, known)?.values === 'native');

/** `histogram_quantile` needs the label `le` of classic buckets. */
export const buckets: Rule = function* (_asked, expr, known) {
  for (const [part] of partsOf(expr)) {
    if (part.is !== 'call' || part.name !== 'histogram_quantile') continue;
    const vector = vectorIn(part.args);
    const [of] = vector === undefined ? [] : valuesIn(vector, known);
    if (vector === undefined || of === undefined) continue;
    if (of.values === 'buckets') {
      if (labelsOf(vector, known)?.has('le') !== false) continue;
      yield {
        rule: 'le',
        from: part.from,
        message: `an aggregation removes le before histogram_quantile; add le to its labels`,
      };
    } else if (of.values !== 'native') {
      const isHistogram = of.metric.kind === 'histogram' || of.metric.kind === 'gaugehistogram';
      const instead = isHistogram ? `; use ${of.metric.name}_bucket` : `: ${of.metric.name} is a ${of.metric.kind}`;
      yield { rule: 'le', from: part.from, message: `histogram_quantile of what has no buckets${instead}` };
    }
  }
};

const valuesIn = (expr: Expr, known: Known) =>
  [...partsOf(expr)].flatMap(([part]) => (part.is === 'selector' ? (knownOf(part, known) ?? []) : []));

/** Legends and annotations name labels that the result has. */
export const templates: Rule = function* ({ use, legend = '', labels: own = {}, annotations = {} }, expr, known) {
  const labels = labelsOf(expr, known);
  if (labels === undefined) return;
  const [texts, pattern] =
    use === 'panel'
      ? [{ legend }, /\{\{\s*([^{}\s]+)\s*\}\}/g]
      : [{ ...annotations, ...own }, /\$labels\.(\w+)|\.Labels\.(\w+)/g];
  for (const [where, text] of Object.entries(texts)) {
    for (const [, name, other] of text.matchAll(pattern)) yield* unlessHas(name ?? other!, where, labels, own);
  }
};

function* unlessHas(name: string, where: string, labels: ReadonlySet<string>, own: object): Generator<Problem> {
  if (labels.has(name) || name in own || name === '__name__') return;
  const has = labels.size === 0 ? 'no labels' : [...labels].join(', ');
  yield {
    rule: 'template',
    message: `${where} uses the label ${name}, but the result has ${has}; keep it in the aggregation`,
  };
}
