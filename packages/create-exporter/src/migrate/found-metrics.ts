import { ts } from 'ts-morph';
import { type Application, eachNode } from './application.ts';
import type { Origins } from './origin.ts';
import { type Static, staticValue } from './static-value.ts';

/** A metric of prom-client whose declaration can be moved. */
export interface FoundMetric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly node: ts.NewExpression;
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
  /** How a gauge of several processes is joined, if not by its sum. */
  readonly across?: 'min' | 'max';
  /** Comments within its declaration. */
  readonly comments: readonly string[];
  /** The registry that it is in; `undefined` for the default one. */
  readonly register?: ts.Expression;
}

/** A metric that can't be moved, and why. */
export interface Staying {
  readonly node: ts.NewExpression;
  readonly name: string;
  readonly why: string;
}

const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const kinds = { Counter: 'counter', Gauge: 'gauge', Histogram: 'histogram' } as const;

/** All metrics of prom-client that an application creates. */
export function metricsOf(app: Application, origins: Origins): { found: FoundMetric[]; staying: Staying[] } {
  const found: FoundMetric[] = [];
  const staying: Staying[] = [];
  for (const file of app.files) {
    eachNode(file, (node) => {
      if (!ts.isNewExpression(node)) return;
      const type = origins.promClient(node.expression);
      if (type === 'Summary') {
        const why = 'quantiles of a summary cannot be added up; use a histogram, or leave it';
        staying.push({ node, name: nameOf(node, origins), why });
      }
      if (type === undefined || !(type in kinds)) return;
      const read = readMetric(node, kinds[type as keyof typeof kinds], origins);
      if (typeof read === 'string') staying.push({ node, name: nameOf(node, origins), why: read });
      else found.push(read);
    });
  }
  return { found, staying };
}

/** The name that a metric is created with, or the start of its declaration. */
function nameOf({ arguments: given, expression }: ts.NewExpression, origins: Origins): string {
  const options = given?.[0];
  const name = options === undefined ? undefined : optionsOf(options)?.get('name');
  const value = name === undefined ? undefined : staticValue(name, origins);
  return typeof value === 'string' ? value : `new ${expression.getText()}`;
}

function optionsOf(options: ts.Expression): Map<string, ts.Expression> | undefined {
  if (!ts.isObjectLiteralExpression(options)) return undefined;
  const read = new Map<string, ts.Expression>();
  for (const property of options.properties) {
    const name = property.name;
    if (name === undefined || !(ts.isIdentifier(name) || ts.isStringLiteral(name))) return undefined;
    if (ts.isPropertyAssignment(property)) read.set(name.text, property.initializer);
    else if (ts.isShorthandPropertyAssignment(property)) read.set(name.text, property.name);
    // A method: only `collect` is one.
    else read.set(name.text, options);
  }
  return read;
}

/** The metric, or why it can't be moved. */
function readMetric(node: ts.NewExpression, kind: FoundMetric['kind'], origins: Origins): FoundMetric | string {
  if (!isAtTop(node)) return 'it is created inside a function, class or condition; create it at the top of its file';
  const [options, more] = node.arguments ?? [];
  const given = options === undefined || more !== undefined ? undefined : optionsOf(options);
  if (given === undefined) return 'its options are not written out where it is created';
  if (given.has('collect'))
    return 'it has collect(), which becomes `collect` of the live value, where what it reads must be in reach';
  const known = ['name', 'help', 'labelNames', 'buckets', 'registers', 'aggregator', 'enableExemplars'];
  const other = [...given.keys()].find((key) => !known.includes(key));
  if (other !== undefined) return `its option ${other} has no equal`;
  const value = (key: string): Static | undefined => {
    const expression = given.get(key);
    return expression === undefined ? undefined : staticValue(expression, origins);
  };
  const [name, help] = [value('name'), value('help')];
  if (typeof name !== 'string' || typeof help !== 'string') return 'its name or help is only known at run time';
  if (given.has('enableExemplars') && value('enableExemplars') !== false)
    return 'it has exemplars: pass them as the last argument of inc() and observe()';
  const across = given.has('aggregator') ? value('aggregator') : 'sum';
  if (across !== 'sum' && (kind !== 'gauge' || (across !== 'min' && across !== 'max')))
    return 'it has an aggregator of its own: a gauge says `across` how threads and processes are joined';
  const labels = given.has('labelNames') ? value('labelNames') : [];
  if (!isListOf(labels, 'string')) return 'its labelNames are only known at run time';
  if (new Set(labels).size !== labels.length) return 'its labelNames name a label twice';
  if (labels.some((label) => label.startsWith('__'))) return 'a label begins with __, which is reserved';
  const buckets = kind !== 'histogram' ? undefined : given.has('buckets') ? value('buckets') : defaultBuckets;
  if (kind === 'histogram') {
    if (!isListOf(buckets, 'number')) return 'its buckets are only known at run time';
    const rising = buckets.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > buckets[i - 1]!));
    if (!rising) return 'its buckets are not finite numbers in ascending order';
  }
  const registers = registersOf(given.get('registers'), origins);
  if (registers !== undefined && registers?.elements.length !== 1)
    return 'it is not in exactly one registry that is written out where it is created';
  return {
    kind,
    node,
    name,
    help,
    labels,
    ...(across === 'sum' ? {} : { across }),
    ...(buckets === undefined ? {} : { buckets: buckets as readonly number[] }),
    comments: commentsIn(node),
    ...(registers === undefined ? {} : { register: registers.elements[0]! }),
  };
}

/** The list of registries that a metric is created in; `null` if it is only known at run time. */
function registersOf(given: ts.Expression | undefined, origins: Origins): ts.ArrayLiteralExpression | null | undefined {
  if (given === undefined) return undefined;
  const list = origins.of(given);
  return ts.isArrayLiteralExpression(list) ? list : null;
}

/** The lists of registries that metrics are created in. */
export function registerLists(app: Application, origins: Origins): Set<ts.Node> {
  const lists = new Set<ts.Node>();
  for (const file of app.files) {
    eachNode(file, (node) => {
      const isOption = ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node);
      if (!isOption || node.name.getText() !== 'registers') return;
      const list = registersOf(ts.isPropertyAssignment(node) ? node.initializer : node.name, origins);
      if (list != null) lists.add(list);
    });
  }
  return lists;
}

function isListOf(value: Static | undefined, type: 'string'): value is readonly string[];
function isListOf(value: Static | undefined, type: 'number'): value is readonly number[];
function isListOf(value: Static | undefined, type: 'string' | 'number'): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === type);
}

/** Whether an expression is evaluated once, when its file is loaded, whatever happens. */
function isAtTop(node: ts.Node): boolean {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    const plain =
      ts.isVariableDeclaration(at) ||
      ts.isVariableDeclarationList(at) ||
      ts.isVariableStatement(at) ||
      ts.isPropertyAssignment(at) ||
      ts.isObjectLiteralExpression(at) ||
      ts.isParenthesizedExpression(at) ||
      ts.isAsExpression(at) ||
      ts.isSatisfiesExpression(at) ||
      ts.isExportAssignment(at) ||
      ts.isExpressionStatement(at) ||
      (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsToken);
    if (!plain) return false;
  }
  return true;
}

/** The texts of all comments within a node, without their marks. */
function commentsIn(node: ts.Node): string[] {
  const { text } = node.getSourceFile();
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (at: ts.Node): void => {
    const around = [
      ...(at === node ? [] : (ts.getLeadingCommentRanges(text, at.getFullStart()) ?? [])),
      ...(at.getEnd() === node.getEnd() ? [] : (ts.getTrailingCommentRanges(text, at.getEnd()) ?? [])),
    ];
    for (const range of around) ranges.set(range.pos, range);
    at.getChildren().forEach(visit);
  };
  visit(node);
  return [...ranges.values()]
    .filter(({ pos, end }) => pos >= node.getStart() && end <= node.getEnd())
    .sort((a, b) => a.pos - b.pos)
    .flatMap(({ pos, end }) => {
      const inner = text.slice(pos, end).replace(/^\/\*+|\*+\/$|^\/\/+/g, '');
      return inner
        .split('\n')
        .map((line) => line.replace(/^\s*\*?\s?/, '').trim())
        .filter((line) => line !== '');
    });
}
