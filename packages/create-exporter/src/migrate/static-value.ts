import { ts } from 'ts-morph';
import { bare } from './application.ts';
import type { Origins } from './origin.ts';

/** A value that is known without running the program. */
export type Static = string | number | boolean | readonly Static[];

/** The value of an expression; `undefined` if only running the program would tell. */
export function staticValue(expression: ts.Expression, origins: Origins): Static | undefined {
  const node = bareOf(expression);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    const value = staticValue(node.operand, origins);
    return typeof value === 'number' ? -value : undefined;
  }
  if (ts.isTemplateExpression(node)) return templateValue(node, origins);
  if (ts.isBinaryExpression(node)) return computed(node, origins);
  if (ts.isArrayLiteralExpression(node)) return listValue(node, origins);
  if (ts.isCallExpression(node)) return generatedBuckets(node, origins);
  const origin = origins.of(node);
  if (origin === node || !isConstant(origin)) return undefined;
  return staticValue(origin, origins);
}

function bareOf(node: ts.Expression): ts.Expression {
  const inner = bare(node);
  return ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner) || ts.isNonNullExpression(inner)
    ? bareOf(inner.expression)
    : inner;
}

/** Whether a value's variable can't be assigned again. */
function isConstant(origin: ts.Expression): boolean {
  const { parent } = origin;
  if (!ts.isVariableDeclaration(parent)) return ts.isPropertyAssignment(parent);
  return (parent.parent.flags & ts.NodeFlags.Const) !== 0;
}

function templateValue(node: ts.TemplateExpression, origins: Origins): string | undefined {
  let text = node.head.text;
  for (const { expression, literal } of node.templateSpans) {
    const value = staticValue(expression, origins);
    if (value === undefined) return undefined;
    text += String(value) + literal.text;
  }
  return text;
}

function computed({ left, right, operatorToken }: ts.BinaryExpression, origins: Origins): Static | undefined {
  const [a, b] = [staticValue(left, origins), staticValue(right, origins)];
  if (operatorToken.kind === ts.SyntaxKind.PlusToken && typeof a === 'string' && typeof b === 'string') return a + b;
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  switch (operatorToken.kind) {
    case ts.SyntaxKind.PlusToken:
      return a + b;
    case ts.SyntaxKind.MinusToken:
      return a - b;
    case ts.SyntaxKind.AsteriskToken:
      return a * b;
    case ts.SyntaxKind.SlashToken:
      return a / b;
    default:
      return undefined;
  }
}

function listValue(node: ts.ArrayLiteralExpression, origins: Origins): Static[] | undefined {
  const list: Static[] = [];
  for (const element of node.elements) {
    const spread = ts.isSpreadElement(element);
    const value = staticValue(spread ? element.expression : element, origins);
    if (value === undefined || (spread && !Array.isArray(value))) return undefined;
    if (spread) list.push(...(value as Static[]));
    else list.push(value);
  }
  return list;
}

/** The bounds that prom-client's `linearBuckets` and `exponentialBuckets` return, computed as it does. */
function generatedBuckets(node: ts.CallExpression, origins: Origins): number[] | undefined {
  const called = origins.promClient(node.expression);
  const [start, step, count] = node.arguments.map((each) => staticValue(each, origins));
  if (typeof start !== 'number' || typeof step !== 'number' || typeof count !== 'number') return undefined;
  if (!Number.isInteger(count) || count < 1 || count > 200) return undefined;
  if (called === 'linearBuckets') return Array.from({ length: count }, (_, i) => start + i * step);
  if (called !== 'exponentialBuckets') return undefined;
  const bounds: number[] = [];
  for (let bound = start; bounds.length < count; bound *= step) bounds.push(bound);
  return bounds;
}
