import { ts } from 'ts-morph';
import { type Application, eachNode } from './application.ts';
import type { MethodCall } from './calls.ts';
import { type Origins, requiredPath } from './origin.ts';

/** How an application uses the values that some expressions make. */
export interface Uses {
  /** The calls of methods of each value. */
  readonly calls: ReadonlyMap<ts.Expression, readonly MethodCall[]>;
  /** Properties of each value that are read without a call. */
  readonly reads: ReadonlyMap<ts.Expression, readonly ts.PropertyAccessExpression[]>;
  /** Values that get where they can't be followed, and the first place. */
  readonly lost: ReadonlyMap<ts.Expression, ts.Node>;
}

/**
 * Finds all uses of values, through variables, imports, exports and objects.
 *
 * @param accepts whether a use is fine that would otherwise count as lost.
 */
export function usesOf(
  app: Application,
  origins: Origins,
  values: ReadonlySet<ts.Expression>,
  accepts: (node: ts.Expression, value: ts.Expression) => boolean,
): Uses {
  const calls = new Map<ts.Expression, MethodCall[]>();
  const reads = new Map<ts.Expression, ts.PropertyAccessExpression[]>();
  const lost = new Map<ts.Expression, ts.Node>();
  const lose = (value: ts.Expression, node: ts.Node): void => {
    if (!lost.has(value)) lost.set(value, node);
  };
  const holders = holdersOf(app, origins, values);

  const visit = (node: ts.Node): void => {
    if (!isValue(node)) return;
    const origin = values.has(node) ? node : origins.of(node);
    if (values.has(origin)) use(node, origin);
    // Only what is named can be read elsewhere.
    else if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node) || requiredPath(node) !== undefined)
      hold(node);
  };

  function use(node: ts.Expression, value: ts.Expression): void {
    const at = outer(node);
    const { parent } = at;
    if (ts.isPropertyAccessExpression(parent) && parent.expression === at) {
      const call = parent.parent;
      if (ts.isCallExpression(call) && call.expression === parent && call.questionDotToken === undefined) {
        calls.set(value, [...(calls.get(value) ?? []), { call, method: parent.name as ts.Identifier }]);
      } else reads.set(value, [...(reads.get(value) ?? []), parent]);
      return;
    }
    if (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) {
      if (holders.has(parent.parent) || accepts(at, value)) return;
      lose(value, at);
      return;
    }
    if (!passesOn(at) && !accepts(at, value)) lose(value, at);
  }

  function hold(node: ts.Expression): void {
    const symbol = holderSymbol(node, app.checker);
    const held = symbol === undefined ? undefined : holders.bySymbol(symbol);
    if (held === undefined) return;
    const at = outer(node);
    const { parent } = at;
    if (ts.isPropertyAccessExpression(parent) && parent.expression === at) return;
    if (ts.isElementAccessExpression(parent) && ts.isStringLiteralLike(parent.argumentExpression)) return;
    if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name)) {
      if (parent.name.elements.every(({ dotDotDotToken, initializer }) => !dotDotDotToken && !initializer)) return;
    } else if (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) {
      if (holders.has(parent.parent)) return;
    } else if (passesOn(at)) return;
    for (const value of held) lose(value, at);
  }

  for (const file of app.files) eachNode(file, visit);
  for (const object of holders.objects) {
    const at = outer(object.node);
    const { parent } = at;
    const inside = ts.isPropertyAssignment(parent) && holders.has(parent.parent);
    if (!inside && !passesOn(at)) for (const value of object.values) lose(value, at);
  }
  return { calls, reads, lost };
}

/** Whether a node is an expression that stands for a value, rather than a name that declares or selects one. */
function isValue(node: ts.Node): node is ts.Expression {
  if (!ts.isExpression(node)) return false;
  if (!ts.isIdentifier(node)) return true;
  const { parent } = node;
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  const declares = 'name' in parent && parent.name === node;
  return !(
    declares ||
    ts.isBindingElement(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isImportClause(parent) ||
    ts.isQualifiedName(parent) ||
    ts.isTypeReferenceNode(parent)
  );
}

function outer(node: ts.Expression): ts.Expression {
  const { parent } = node;
  const around =
    ts.isParenthesizedExpression(parent) ||
    ts.isNonNullExpression(parent) ||
    ts.isAwaitExpression(parent) ||
    (ts.isAsExpression(parent) && parent.type.getText() === 'const');
  return around ? outer(parent) : node;
}

/** Whether a use gives a value another name that is followed as well. */
export function passesOn(node: ts.Expression): boolean {
  const { parent } = node;
  if (ts.isVariableDeclaration(parent)) {
    return (
      parent.initializer === node && ts.isIdentifier(parent.name) && (parent.type === undefined || ofPromClient(parent))
    );
  }
  if (ts.isExportAssignment(parent)) return true;
  if (!ts.isBinaryExpression(parent) || parent.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return false;
  const target = parent.left.getText();
  if (parent.left === node) return /^(module\.exports|exports)(\.\w+)?$/.test(target);
  // `exports = module.exports = x` is rare enough to be left.
  return /^(module\.)?exports\.\w+$|^module\.exports$/.test(target) && ts.isExpressionStatement(parent.parent);
}

/** Whether a variable's type is one that goes with `new Counter(…)`. */
const ofPromClient = ({ initializer, type }: ts.VariableDeclaration): boolean =>
  initializer !== undefined &&
  ts.isNewExpression(initializer) &&
  type !== undefined &&
  ts.isTypeReferenceNode(type) &&
  type.typeName.getText() === initializer.expression.getText();

interface Holders {
  readonly objects: readonly { readonly node: ts.ObjectLiteralExpression; readonly values: readonly ts.Expression[] }[];
  has(node: ts.Node): boolean;
  bySymbol(symbol: ts.Symbol): readonly ts.Expression[] | undefined;
}

/** Objects and modules that have some values as members. */
function holdersOf(app: Application, origins: Origins, values: ReadonlySet<ts.Expression>): Holders {
  const { checker } = app;
  const held = new Map<ts.ObjectLiteralExpression, ts.Expression[]>();
  const literals: ts.ObjectLiteralExpression[] = [];
  for (const file of app.files) {
    eachNode(file, (node) => {
      if (ts.isObjectLiteralExpression(node)) literals.push(node);
    });
  }
  // Innermost first.
  for (const literal of literals.reverse()) {
    const members = literal.properties.flatMap((property) => {
      const value = ts.isPropertyAssignment(property)
        ? origins.of(property.initializer)
        : ts.isShorthandPropertyAssignment(property)
          ? origins.of(property.name)
          : undefined;
      if (value === undefined) return [];
      if (values.has(value)) return isOption(property) ? [] : [value];
      return ts.isObjectLiteralExpression(value) ? (held.get(value) ?? []) : [];
    });
    if (members.length > 0) held.set(literal, members);
  }
  const symbols = new Map<ts.Symbol, readonly ts.Expression[]>();
  for (const [literal, members] of held) {
    const { symbol } = checker.getTypeAtLocation(literal);
    if (symbol !== undefined) symbols.set(symbol, members);
  }
  for (const file of app.files) {
    const module = checker.getSymbolAtLocation(file);
    if (module === undefined) continue;
    const members = checker.getExportsOfModule(module).flatMap((member) => exported(member));
    if (members.length > 0) symbols.set(module, members);
  }

  function exported(member: ts.Symbol): readonly ts.Expression[] {
    const target = member.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(member) : member;
    const [declaration] = target.declarations ?? [];
    const name = declaration === undefined ? undefined : ts.getNameOfDeclaration(declaration);
    const value = name !== undefined && ts.isIdentifier(name) ? origins.of(name) : undefined;
    if (value === undefined) return [];
    if (values.has(value)) return [value];
    return ts.isObjectLiteralExpression(value) ? (held.get(value) ?? []) : [];
  }

  return {
    objects: [...held].map(([node, members]) => ({ node, values: members })),
    has: (node) => ts.isObjectLiteralExpression(node) && held.has(node),
    bySymbol: (symbol) => symbols.get(symbol),
  };
}

/** Whether a property is an option that takes a registry: `registers: [register]` is a list, so it is not seen here. */
const isOption = (property: ts.ObjectLiteralElementLike): boolean =>
  property.name !== undefined && property.name.getText() === 'register' && ts.isCallExpression(property.parent.parent);

function holderSymbol(node: ts.Expression, checker: ts.TypeChecker): ts.Symbol | undefined {
  const direct = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
  const target =
    direct !== undefined && direct.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(direct) : direct;
  if (target !== undefined && target.flags & ts.SymbolFlags.Module) return target;
  return checker.getTypeAtLocation(node).symbol;
}
