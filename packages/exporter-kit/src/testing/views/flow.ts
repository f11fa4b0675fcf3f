import type { Known, KnownSeries } from './known.ts';
import { type Expr, isVariable, type Selector } from './promql.ts';

/** Functions whose result rises no more, though the series do. */
export const rates: ReadonlySet<string> = new Set(['rate', 'irate', 'increase']);

/** All parts of an expression, each with what it stands in, the innermost last. */
export function* partsOf(expr: Expr, within: readonly Expr[] = []): Generator<readonly [Expr, readonly Expr[]]> {
  yield [expr, within];
  for (const part of partsIn(expr)) yield* partsOf(part, [...within, expr]);
}

function partsIn(expr: Expr): readonly Expr[] {
  switch (expr.is) {
    case 'range':
      return [expr.of];
    case 'call':
    case 'aggregation':
      return expr.args;
    case 'binary':
      return [expr.left, expr.right];
    default:
      return [];
  }
}

/** What is known of a selector's series. */
export const knownOf = ({ name }: Selector, { series }: Known): KnownSeries | undefined =>
  name === undefined ? undefined : series.get(name);

/** The argument that is a vector. */
export const vectorIn = (args: readonly Expr[]): Expr | undefined => args.find((arg) => !isScalar(arg));

const scalars = new Set(['time', 'scalar', 'pi']);

/** Whether it is one number without labels. */
export function isScalar(expr: Expr): boolean {
  if (expr.is === 'number' || expr.is === 'string') return true;
  if (expr.is === 'call') return scalars.has(expr.name);
  return expr.is === 'binary' && isScalar(expr.left) && isScalar(expr.right);
}

/** Aggregations that choose series rather than add them up. */
const choosing = new Set(['topk', 'bottomk', 'limitk', 'limit_ratio']);

/** The labels that its series can have; `undefined` if that is not known. */
export function labelsOf(expr: Expr, known: Known): ReadonlySet<string> | undefined {
  switch (expr.is) {
    case 'selector':
      return knownOf(expr, known)?.labels;
    case 'range':
      return labelsOf(expr.of, known);
    case 'call':
      return labelsOfCall(expr, known);
    case 'aggregation': {
      const { op, labels, args } = expr;
      const all = labelsOf(vectorIn(args) ?? args[0]!, known);
      if (choosing.has(op)) return all;
      if (labels?.names.some(isVariable)) return undefined;
      const counted = op === 'count_values' && args[0]?.is === 'string' ? [args[0].text] : [];
      if (labels?.how === 'without') return all && without(all, labels.names, counted);
      return new Set([...(labels?.names ?? []), ...counted]);
    }
    case 'binary':
      return labelsOfBinary(expr, known);
    default:
      return new Set();
  }
}

function labelsOfCall({ name, args }: Extract<Expr, { is: 'call' }>, known: Known): ReadonlySet<string> | undefined {
  const vector = vectorIn(args);
  const labels = vector === undefined ? new Set<string>() : labelsOf(vector, known);
  switch (name) {
    case 'label_replace':
    case 'label_join':
      return labels && new Set([...labels, args[1]?.is === 'string' ? args[1].text : '']);
    case 'histogram_quantile':
    case 'histogram_fraction':
      return labels && without(labels, ['le']);
    case 'absent':
    case 'absent_over_time': {
      const selector = vector?.is === 'range' ? vector.of : vector;
      const matchers = selector?.is === 'selector' ? selector.matchers : [];
      return new Set(matchers.filter(({ op }) => op === '=').map(({ label }) => label));
    }
    case 'info':
      return undefined;
    case 'vector':
      return new Set();
    default:
      return labels;
  }
}

function labelsOfBinary(
  { op, left, right, matching }: Extract<Expr, { is: 'binary' }>,
  known: Known,
): ReadonlySet<string> | undefined {
  const [a, b] = [labelsOf(left, known), labelsOf(right, known)];
  if (op === 'and' || op === 'unless') return a;
  if (op === 'or') return a && b && new Set([...a, ...b]);
  if (isScalar(left)) return b;
  if (isScalar(right)) return a;
  if (matching?.group !== undefined) {
    const many = matching.group === 'left' ? a : b;
    return many && new Set([...many, ...matching.taken]);
  }
  if (matching?.on !== undefined) return new Set(matching.on);
  return a && without(a, matching?.ignoring ?? []);
}

const without = (all: ReadonlySet<string>, names: readonly string[], more: readonly string[] = []): Set<string> =>
  new Set([...[...all].filter((label) => !names.includes(label)), ...more]);
