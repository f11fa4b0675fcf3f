import { ts } from 'ts-morph';
import { type Origins, requiredPath } from './origin.ts';

/** Where an application serves a registry. */
export type Endpoint =
  /** Where an earlier run has changed it already. */
  | { readonly kind: 'done'; readonly register: ts.Expression }
  /** `register.metrics()`, whose text goes wherever it goes. */
  | { readonly kind: 'text'; readonly call: ts.CallExpression; readonly register: ts.Expression }
  /** A request handler that does nothing else. */
  | {
      readonly kind: 'handler';
      readonly handler: ts.Expression;
      readonly path: string;
      readonly register: ts.Expression;
    }
  /** `fromRegistry(register)` in a list of collectors. */
  | { readonly kind: 'collectors'; readonly after: ts.Expression; readonly register: ts.Expression };

/** The endpoint around a call of `metrics()`. */
export function endpointOf(call: ts.CallExpression, register: ts.Expression, origins: Origins): Endpoint {
  const text: Endpoint = { kind: 'text', call, register };
  const handler = ts.findAncestor(call, (node) => ts.isArrowFunction(node) || ts.isFunctionExpression(node));
  if (handler === undefined || !ts.isBlock(handler.body!) || !/^[\w$.]+$/.test(register.getText())) return text;
  const route = handler.parent;
  if (!ts.isCallExpression(route) || !ts.isPropertyAccessExpression(route.expression)) return text;
  if (route.expression.name.text !== 'get' || !isExpress(origins.of(route.expression.expression))) return text;
  const [path] = route.arguments;
  if (path === undefined || !ts.isStringLiteral(path) || /[:*?(]/.test(path.text)) return text;
  if (route.arguments.at(-1) !== handler || handler.parameters.length < 2) return text;
  const response = handler.parameters[1]!.name.getText();
  const only = handler.body!.statements.every((statement) => answersWith(statement, response, call));
  const comments = /\/\/|\/\*/.test(handler.body!.getText());
  return only && !comments ? { kind: 'handler', handler, path: path.text, register } : text;
}

/** Whether a statement sets the content type, or sends what `metrics()` returns. */
function answersWith(statement: ts.Statement, response: string, metrics: ts.CallExpression): boolean {
  const own = new RegExp(`^${response}\\.(\\w+)\\(`);
  if (ts.isVariableStatement(statement)) {
    const [declaration, more] = statement.declarationList.declarations;
    const value = declaration?.initializer;
    return more === undefined && value !== undefined && ts.isAwaitExpression(value) && value.expression === metrics;
  }
  if (!ts.isExpressionStatement(statement)) return false;
  const call = statement.expression;
  if (!ts.isCallExpression(call)) return false;
  const [, method = ''] = own.exec(call.getText()) ?? [];
  if (/^(set|setHeader|header|type|contentType)$/.test(method)) {
    return /content-?type/i.test(call.getText()) && !call.getText().includes('\n');
  }
  const [sent, more] = call.arguments;
  if (!/^(end|send)$/.test(method) || sent === undefined || more !== undefined) return false;
  return ts.isIdentifier(sent) || (ts.isAwaitExpression(sent) && sent.expression === metrics);
}

/** Whether an expression is `express()` or `express.Router()`: other frameworks pass other requests to their handlers. */
function isExpress(made: ts.Expression): boolean {
  if (!ts.isCallExpression(made)) return false;
  const called = made.expression;
  const root = ts.isPropertyAccessExpression(called) && called.name.text === 'Router' ? called.expression : called;
  if (requiredPath(root) === 'express') return true;
  if (!ts.isIdentifier(root)) return false;
  const imports = `(import\\s+${root.text}\\s+from\\s*|\\b${root.text}\\s*=\\s*require\\()['"]express['"]`;
  return new RegExp(imports).test(root.getSourceFile().text);
}
