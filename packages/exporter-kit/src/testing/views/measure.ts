import { isScalar, knownOf, vectorIn } from './flow.ts';
import type { Known } from './known.ts';
import type { Expr } from './promql.ts';

/** What an expression measures; `undefined` if that is not known. */
export type Measure = 'seconds' | 'bytes' | 'bytes per second' | 'share' | 'events' | 'events per second' | undefined;

const keeping =
  /^(increase|delta|idelta|(avg|min|max|sum|last|quantile|stddev|mad)_over_time|abs|ceil|floor|round|clamp(_min|_max)?|sort(_desc|_by_label|_by_label_desc)?|label_(replace|join))$/;
const counting = new Set(['count', 'group', 'count_values', 'stdvar']);
const comparison = new Set(['==', '!=', '>', '<', '>=', '<=']);

/** What the values of an expression are, by the units of its metrics. */
export function measureOf(expr: Expr, known: Known): Measure {
  switch (expr.is) {
    case 'selector':
      return measureOfUnit(knownOf(expr, known)?.unit);
    case 'range':
      return measureOf(expr.of, known);
    case 'call':
      return ofCall(expr, known);
    case 'aggregation':
      return counting.has(expr.op) ? undefined : measureOf(vectorIn(expr.args) ?? expr.args[0]!, known);
    case 'binary':
      return ofBinary(expr, known);
    default:
      return undefined;
  }
}

function measureOfUnit(unit: string | undefined): Measure {
  if (unit === 'ratio') return 'share';
  return unit === 'seconds' || unit === 'bytes' || unit === 'events' ? unit : undefined;
}

function ofCall({ name, args }: Extract<Expr, { is: 'call' }>, known: Known): Measure {
  const vector = vectorIn(args);
  if (name === 'time') return 'seconds';
  if (vector === undefined) return undefined;
  if (name === 'histogram_fraction') return 'share';
  if (name === 'histogram_quantile' || name === 'histogram_avg') return ofHistogram(vector, known);
  const measure = measureOf(vector, known);
  if (name === 'histogram_count') return isRate(vector) ? 'events per second' : 'events';
  if (name === 'rate' || name === 'irate' || name === 'deriv') return perSecond(measure);
  return keeping.test(name) || name === 'histogram_sum' ? measure : undefined;
}

function perSecond(measure: Measure): Measure {
  if (measure === 'bytes') return 'bytes per second';
  if (measure === 'seconds') return 'share';
  return measure === 'events' ? 'events per second' : undefined;
}

const isRate = (expr: Expr): boolean => {
  if (expr.is === 'call') return expr.name === 'rate' || expr.name === 'irate';
  return expr.is === 'aggregation' && expr.args.some(isRate);
};

/** The unit of the histogram whose buckets they are. */
function ofHistogram(expr: Expr, known: Known): Measure {
  switch (expr.is) {
    case 'selector':
      return measureOfUnit(knownOf(expr, known)?.metric.unit);
    case 'range':
      return ofHistogram(expr.of, known);
    case 'binary':
      return ofHistogram(expr.left, known);
    case 'call':
    case 'aggregation': {
      const vector = vectorIn(expr.args);
      return vector && ofHistogram(vector, known);
    }
    default:
      return undefined;
  }
}

function ofBinary({ op, left, right }: Extract<Expr, { is: 'binary' }>, known: Known): Measure {
  if (comparison.has(op) || op === 'and' || op === 'unless' || op === 'or') return measureOf(left, known);
  const [a, b] = [measureOf(left, known), measureOf(right, known)];
  // Scaled, as bytes to bits: of what it is remains.
  if (left.is === 'number' || right.is === 'number')
    return op === '*' || op === '+' || op === '-' || right.is === 'number' ? (a ?? b) : undefined;
  if (op === '+' || op === '-') return a ?? b;
  if (op !== '/' || isScalar(right)) return undefined;
  if (a !== undefined && a === b) return 'share';
  // A sum by its count: both are rates, or both are not.
  if (b === 'events per second') return a === 'share' ? 'seconds' : a === 'bytes per second' ? 'bytes' : undefined;
  if (b === 'events') return a === 'seconds' || a === 'bytes' ? a : undefined;
  return undefined;
}
