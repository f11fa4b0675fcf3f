import { ts } from 'ts-morph';
import type { Edit } from './edits.ts';
import type { FoundMetric } from './found-metrics.ts';
import { type Changed, labelEdits, valueEdits } from './labels.ts';

/** A call `metric.method(…)`. */
export interface MethodCall {
  readonly call: ts.CallExpression;
  readonly method: ts.Identifier | ts.PrivateIdentifier;
}

/** Methods that take labels, then at most one number; and whether the number is needed. */
const counting: { readonly [kind in FoundMetric['kind']]: { readonly [method: string]: 'number' | 'by' | 'none' } } = {
  counter: { inc: 'by' },
  gauge: { inc: 'by', dec: 'by', set: 'number', setToCurrentTime: 'none' },
  histogram: { observe: 'number' },
};

const advice: { readonly [method: string]: string } = {
  startTimer: 'a gauge has no timer: set the seconds by hand',
  reset: 'an instrument has no reset(): tests compare what it counts before and after',
  get: 'get() is read by scrape(….collector) of exporter-kit/testing',
};

/** How a call on a metric, or on one that is bound to its labels, becomes one on an instrument. */
export function callEdits(
  metric: FoundMetric,
  bound: boolean,
  { call, method }: MethodCall,
  checker: ts.TypeChecker,
): Changed {
  const args = call.arguments;
  if (args.some(ts.isSpreadElement)) return `${method.text}(…) has arguments that are only known at run time`;
  const takes = counting[metric.kind][method.text];
  if (takes !== undefined) return countEdits(metric, bound, args, takes, checker);
  if (bound) return `${method.text}() of bound labels has no equal`;
  const renamed = (text: string): Edit[] => [{ start: method.getStart(), end: method.getEnd(), text }];
  if (method.text === 'labels' || method.text === 'remove') {
    const labels = namedLabels(metric, args, checker);
    return typeof labels === 'string' ? labels : [...(method.text === 'labels' ? renamed('with') : []), ...labels];
  }
  if (method.text === 'zero' && metric.kind === 'histogram' && args.length === 1) {
    const labels = labelEdits(args[0]!, metric.labels, checker);
    if (metric.labels.length === 0) return 'zero() without labels has no equal';
    return typeof labels === 'string' ? labels : [...renamed('with'), ...labels];
  }
  return advice[method.text] ?? `${method.text}() has no equal`;
}

function countEdits(
  { labels }: FoundMetric,
  bound: boolean,
  args: ts.NodeArray<ts.Expression>,
  takes: 'number' | 'by' | 'none',
  checker: ts.TypeChecker,
): Changed {
  const [first, second] = args;
  const labelled = labels.length > 0 && !bound;
  const most = (labelled ? 1 : 0) + (takes === 'none' ? 0 : 1);
  if (!labelled && first !== undefined && ts.isObjectLiteralExpression(first) && first.properties.length === 0) {
    // prom-client takes empty labels.
    if (args.length > most + 1) return 'it is called with too many arguments';
    return [{ start: first.getStart(), end: second?.getStart() ?? first.getEnd(), text: '' }];
  }
  if (args.length > most) return 'it is called with too many arguments';
  if (takes === 'number' && args.length < most) return 'it is called with too few arguments';
  if (!labelled) {
    if (first !== undefined && !mayBeNumber(first, checker)) return 'its argument is not a number';
    return [];
  }
  if (first === undefined) return 'it is called without its labels, which an instrument refuses';
  return labelEdits(first, labels, checker);
}

function mayBeNumber(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const { flags } = checker.getTypeAtLocation(node);
  return (flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.Any | ts.TypeFlags.Union)) !== 0;
}

/** Labels by position become labels by name. */
function namedLabels({ labels }: FoundMetric, args: ts.NodeArray<ts.Expression>, checker: ts.TypeChecker): Changed {
  const [first] = args;
  if (labels.length === 0 || first === undefined) return 'labels() or remove() without labels has no equal';
  const type = checker.getTypeAtLocation(first);
  if (args.length === 1 && (ts.isObjectLiteralExpression(first) || (type.flags & ts.TypeFlags.Object) !== 0)) {
    return labelEdits(first, labels, checker);
  }
  if (args.length !== labels.length) return `it takes ${labels.length} labels, not ${args.length}`;
  if (args.length === 1 && mayBeLabels(first, type, labels[0]!)) return 'its labels are not written out';
  const edits = args.flatMap((arg, i) => {
    const name = labels[i]!;
    const wrapped = valueEdits(arg, checker);
    const short = ts.isIdentifier(arg) && arg.text === name && wrapped.length === 0;
    const start = arg.getStart();
    const head = `${i === 0 ? '{ ' : ''}${short ? '' : `${name}: `}`;
    const end = arg.getEnd();
    const tail = i === labels.length - 1 ? [{ start: end, end, text: ' }' }] : [];
    return [...(head === '' ? [] : [{ start, end: start, text: head }]), ...wrapped, ...tail];
  });
  return edits;
}

/** Whether a single argument of unknown type may be an object of labels rather than a label's value. */
function mayBeLabels(node: ts.Expression, { flags }: ts.Type, label: string): boolean {
  if ((flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) === 0) return false;
  if (ts.isIdentifier(node)) return node.text.toLowerCase() !== label.toLowerCase();
  return ts.isPropertyAccessExpression(node) && /labels|tags$/i.test(node.name.text);
}
