import { ts } from 'ts-morph';
import { bare } from './application.ts';

/** Follows values to where they are made, through variables, imports, exports and objects. */
export interface Origins {
  /** The expression that makes an expression's value, such as `new Counter(…)`; itself if nothing else is known. */
  of(expression: ts.Expression): ts.Expression;
  /** What an expression is in prom-client: `Counter`, `register`; `*` for the whole module. */
  promClient(expression: ts.Expression): string | undefined;
}

const MODULE = 'prom-client';

export function originsOf(checker: ts.TypeChecker): Origins {
  const symbolOf = (node: ts.Expression): ts.Symbol | undefined => {
    if (ts.isPropertyAccessExpression(node)) return checker.getSymbolAtLocation(node.name);
    if (ts.isElementAccessExpression(node)) {
      return ts.isStringLiteralLike(node.argumentExpression)
        ? checker.getSymbolAtLocation(node.argumentExpression)
        : undefined;
    }
    // Of `exports.x = …` the compiler would tell the symbol of `x`.
    if (!ts.isIdentifier(node) || node.text === 'exports' || node.text === 'module') return undefined;
    const { parent } = node;
    if (ts.isShorthandPropertyAssignment(parent) && parent.name === node) {
      return checker.getShorthandAssignmentValueSymbol(parent);
    }
    if (ts.isExportSpecifier(parent)) return checker.getExportSpecifierLocalTargetSymbol(parent);
    return checker.getSymbolAtLocation(node);
  };

  function of(expression: ts.Expression, depth = 0): ts.Expression {
    const node = bare(expression);
    if (depth > 20) return node;
    const symbol = symbolOf(node);
    const next = symbol === undefined ? undefined : madeBy(symbol);
    return next === undefined ? node : of(next, depth + 1);
  }

  /** The expression that a symbol stands for, if there is one. */
  function madeBy(symbol: ts.Symbol): ts.Expression | undefined {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const [declaration, more] = target.declarations ?? [];
    if (declaration === undefined || more !== undefined) return undefined;
    if (ts.isVariableDeclaration(declaration)) return declaration.initializer;
    if (ts.isPropertyAssignment(declaration)) return declaration.initializer;
    if (ts.isShorthandPropertyAssignment(declaration)) return declaration.name;
    if (ts.isExportAssignment(declaration)) return declaration.expression;
    if (ts.isBinaryExpression(declaration)) return declaration.right;
    if (ts.isPropertyAccessExpression(declaration) && ts.isBinaryExpression(declaration.parent)) {
      return declaration.parent.right;
    }
    if (ts.isBindingElement(declaration)) return memberValue(declaration);
    return undefined;
  }

  /** Of `const { a } = object`. */
  function memberValue(element: ts.BindingElement): ts.Expression | undefined {
    if (element.dotDotDotToken !== undefined || element.initializer !== undefined) return undefined;
    const name = element.propertyName ?? element.name;
    if (!ts.isIdentifier(name)) return undefined;
    const member = checker.getTypeAtLocation(element.parent).getProperty(name.text);
    const found = member === undefined ? undefined : madeBy(member);
    if (found !== undefined || member === undefined) return found;
    const target = member.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(member) : member;
    return target === member ? undefined : madeBy(target);
  }

  function promClient(expression: ts.Expression): string | undefined {
    const node = bare(expression);
    if (ts.isPropertyAccessExpression(node)) {
      const whole = promClient(node.expression);
      if (whole === '*' || whole === 'default') return node.name.text === 'default' ? '*' : node.name.text;
      if (whole === 'Registry' && node.name.text === 'globalRegistry') return 'register';
    }
    if (isRequire(node)) return '*';
    if (!ts.isIdentifier(node)) return undefined;
    const [declaration] = symbolOf(node)?.declarations ?? [];
    return declaration === undefined ? undefined : importedName(declaration);
  }

  function importedName(declaration: ts.Declaration): string | undefined {
    if (ts.isImportSpecifier(declaration)) {
      const name = (declaration.propertyName ?? declaration.name).text;
      return fromPromClient(declaration) ? (name === 'default' ? '*' : name) : undefined;
    }
    if (ts.isNamespaceImport(declaration) || ts.isImportClause(declaration)) {
      return fromPromClient(declaration) ? '*' : undefined;
    }
    if (ts.isImportEqualsDeclaration(declaration)) {
      const { moduleReference: reference } = declaration;
      const path = ts.isExternalModuleReference(reference) ? reference.expression : undefined;
      return path !== undefined && ts.isStringLiteral(path) && path.text === MODULE ? '*' : undefined;
    }
    if (ts.isVariableDeclaration(declaration)) {
      return declaration.initializer === undefined ? undefined : promClient(declaration.initializer);
    }
    if (!ts.isBindingElement(declaration)) return undefined;
    const holder = declaration.parent.parent;
    const name = declaration.propertyName ?? declaration.name;
    if (!ts.isVariableDeclaration(holder) || holder.initializer === undefined || !ts.isIdentifier(name))
      return undefined;
    return promClient(holder.initializer) === '*' ? name.text : undefined;
  }

  return { of: (expression) => of(expression), promClient };
}

/** Whether an import names prom-client. */
export function fromPromClient(declaration: ts.Node): boolean {
  const holder = ts.findAncestor(declaration, ts.isImportDeclaration);
  return holder !== undefined && (holder.moduleSpecifier as ts.StringLiteral).text === MODULE;
}

/** Whether an expression is `require('prom-client')`. */
const isRequire = (node: ts.Node): boolean => requiredPath(node) === MODULE;

/** The path of a `require` or a dynamic `import`; `undefined` for anything else. */
export function requiredPath(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || node.arguments.length !== 1) return undefined;
  const called = node.expression;
  const requires = ts.isIdentifier(called) && called.text === 'require';
  const [path] = node.arguments;
  if (!(requires || called.kind === ts.SyntaxKind.ImportKeyword) || !ts.isStringLiteralLike(path!)) return undefined;
  return path.text;
}
