import type { SyntaxNode } from '@lezer/common';
import { caught, codeOf } from '../../errors/thrown.ts';

/** Where it stands in the expression. */
interface Placed {
  readonly from: number;
  readonly to: number;
}

export interface Matcher extends Placed {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

export interface Selector extends Placed {
  readonly is: 'selector';
  /** Absent if it is not a single one. */
  readonly name?: string;
  readonly matchers: readonly Matcher[];
}

export interface Labels extends Placed {
  readonly how: 'by' | 'without';
  readonly names: readonly string[];
}

/** PromQL as the rules need it: without parentheses, `offset` and `@`. */
export type Expr =
  | Selector
  | ({ readonly is: 'range'; readonly of: Expr; readonly range: Range } & Placed)
  | ({ readonly is: 'call'; readonly name: string; readonly args: readonly Expr[] } & Placed)
  | ({
      readonly is: 'aggregation';
      readonly op: string;
      readonly labels?: Labels;
      readonly args: readonly Expr[];
    } & Placed)
  | ({
      readonly is: 'binary';
      readonly op: string;
      readonly left: Expr;
      readonly right: Expr;
      readonly matching?: Matching;
    } & Placed)
  | ({ readonly is: 'number' | 'string'; readonly text: string } & Placed);

export interface Range extends Placed {
  /** As written, such as `5m` or `$__rate_interval`. */
  readonly text: string;
}

export interface Matching {
  readonly on?: readonly string[];
  readonly ignoring?: readonly string[];
  readonly group?: 'left' | 'right';
  /** Labels taken over from the side of which there is one. */
  readonly taken: readonly string[];
}

/** Parses an expression, in which Grafana's variables may stand; `problem` is where it is not PromQL. */
export type PromqlParser = (text: string) => { readonly expr: Expr } | { readonly problem: Placed };

type LezerParser = { parse(text: string): { readonly topNode: SyntaxNode } };

/** @throws Error if the parser is not installed. */
export async function promqlParser(
  // Not by its type, which those who have no PromQL parser could not compile.
  load: () => Promise<{ readonly parser: unknown }> = () => import('@prometheus-io/lezer-promql'),
): Promise<PromqlParser> {
  let parser: LezerParser;
  try {
    parser = (await load()).parser as LezerParser;
  } catch (error) {
    const cause = caught(error);
    if (codeOf(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error(
      'lintViews: the PromQL parser is not installed; npm install --save-dev @prometheus-io/lezer-promql',
      { cause },
    );
  }
  return (text) => {
    let problem: Placed | undefined;
    for (const plain of withoutVariables(text)) {
      const { topNode } = parser.parse(plain);
      const error = firstError(topNode);
      if (error === undefined && topNode.firstChild !== null) return { expr: exprOf(topNode.firstChild, text) };
      problem ??= error ?? { from: 0, to: text.length };
    }
    return { problem: problem! };
  };
}

const variable = /\$\{[^}]*\}|\$\w+|\[\[\w+\]\]/g;

/** The text with a duration, a name, or else a number in place of each variable outside of quotes; as long as before. */
function withoutVariables(text: string): string[] {
  const outside = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, (quoted) => '"'.repeat(quoted.length));
  const found = [...outside.matchAll(variable)];
  if (found.length === 0) return [text];
  return ['1', VARIABLE].map((otherwise) => {
    let plain = text;
    for (const { 0: name, index } of found) {
      const before = outside.slice(0, index);
      const stand = /(\[|:|\boffset)\s*$/.test(before)
        ? '5m'
        : /\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*$/.test(before) ||
            /^\s*[{[]/.test(outside.slice(index + name.length))
          ? VARIABLE
          : otherwise;
      const padded = stand.padEnd(name.length, stand === VARIABLE ? '_' : ' ');
      plain = plain.slice(0, index) + padded + plain.slice(index + name.length);
    }
    return plain;
  });
}

const VARIABLE = '_';

/** Whether nothing is known about the name, as it is a variable. */
export const isVariable = (name: string): boolean => /^(\$|\[\[)/.test(name);

function firstError(node: SyntaxNode): Placed | undefined {
  const cursor = node.cursor();
  do {
    if (cursor.type.isError) return { from: cursor.from, to: cursor.to };
  } while (cursor.next());
  return undefined;
}

function exprOf(node: SyntaxNode, text: string): Expr {
  const { from, to } = node;
  const placed = { from, to };
  const written = text.slice(from, to);
  const inner = childrenOf(node);
  const first = (): Expr => exprOf(inner[0]!, text);
  switch (node.name) {
    case 'VectorSelector':
      return selectorOf(node, text);
    case 'MatrixSelector':
    case 'SubqueryExpr': {
      // Up to the bracket, with a subquery's step.
      const start = node.getChild('DurationExpr')!.from;
      const end = start + text.slice(start, to - 1).trimEnd().length;
      const range = { from: start, to: end, text: text.slice(start, end) };
      return { is: 'range', of: first(), range, ...placed };
    }
    case 'FunctionCall':
      return { is: 'call', name: textOf(node, 'FunctionIdentifier', text), args: argsOf(node, text), ...placed };
    case 'AggregateExpr': {
      const labels = aggregationLabels(node.getChild('AggregateModifier'), text);
      const op = textOf(node, 'AggregateOp', text);
      return { is: 'aggregation', op, args: argsOf(node, text), ...(labels && { labels }), ...placed };
    }
    case 'BinaryExpr': {
      const matching = matchingOf(node.getChild('MatchingModifierClause'), text);
      const op = text.slice(inner[1]!.from, inner[1]!.to).toLowerCase();
      return {
        is: 'binary',
        op,
        left: first(),
        right: exprOf(inner.at(-1)!, text),
        ...(matching && { matching }),
        ...placed,
      };
    }
    case 'UnaryExpr':
      return exprOf(inner.at(-1)!, text);
    case 'NumberDurationLiteral':
      return { is: 'number', text: written, ...placed };
    case 'StringLiteral':
      return { is: 'string', text: unquoted(written), ...placed };
    default:
      // Parentheses, `offset`, `@`.
      return first();
  }
}

const childrenOf = (node: SyntaxNode): SyntaxNode[] => {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
};

const textOf = (node: SyntaxNode, child: string, text: string): string => {
  const { from, to } = node.getChild(child)!;
  return text.slice(from, to).toLowerCase();
};

const argsOf = (node: SyntaxNode, text: string): Expr[] =>
  childrenOf(node.getChild('FunctionCallBody')!).map((arg) => exprOf(arg, text));

function namesIn(labels: SyntaxNode | null, text: string): string[] {
  return labels === null ? [] : childrenOf(labels).map(({ from, to }) => unquoted(text.slice(from, to)));
}

function aggregationLabels(modifier: SyntaxNode | null, text: string): Labels | undefined {
  if (modifier === null) return undefined;
  const { from, to } = modifier;
  const names = namesIn(modifier.getChild('GroupingLabels'), text);
  return { how: modifier.getChild('By') === null ? 'without' : 'by', names, from, to };
}

function matchingOf(clause: SyntaxNode | null, text: string): Matching | undefined {
  if (clause === null) return undefined;
  const [labels, taken] = clause.getChildren('GroupingLabels');
  const names = namesIn(labels ?? null, text);
  const group = clause.getChild('GroupLeft') ? 'left' : clause.getChild('GroupRight') ? 'right' : undefined;
  return {
    ...(clause.getChild('On') === null ? { ignoring: names } : { on: names }),
    ...(group && { group }),
    taken: namesIn(taken ?? null, text),
  };
}

function selectorOf(node: SyntaxNode, text: string): Selector {
  const { from, to } = node;
  const identifier = node.getChild('Identifier');
  let name = identifier === null ? undefined : text.slice(identifier.from, identifier.to);
  const matchers: Matcher[] = [];
  const list = node.getChild('LabelMatchers');
  for (const child of list === null ? [] : childrenOf(list)) {
    const written = text.slice(child.from, child.to);
    const op = child.getChild('MatchOp');
    if (op === null) {
      name = unquoted(written);
      continue;
    }
    const label = unquoted(text.slice(child.from, op.from).trim());
    const value = unquoted(text.slice(op.to, child.to).trim());
    const matcher = { label, op: text.slice(op.from, op.to) as Matcher['op'], value, from: child.from, to: child.to };
    if (label === '__name__' && matcher.op === '=') name = value;
    else matchers.push(matcher);
  }
  return { is: 'selector', ...(name === undefined ? {} : { name }), matchers, from, to };
}

function unquoted(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1);
  if (!/^["']/.test(text)) return text;
  return text.slice(1, -1).replace(/\\(.)/gs, (_, char: string) => (char === 'n' ? '\n' : char === 't' ? '\t' : char));
}
