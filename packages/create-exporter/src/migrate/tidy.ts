import { ts } from 'ts-morph';
import { type Application, eachNode } from './application.ts';
import { type Edit, lineEnd } from './edits.ts';
import { fromPromClient, requiredPath } from './origin.ts';

/** What the removal of some ranges leaves unused in a file. */
export interface Tidied {
  /** Edits that remove imports of prom-client. */
  readonly edits: readonly Edit[];
  /** Variables that nothing uses any more. */
  readonly unused: readonly ts.Identifier[];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** @param kept names that the new text uses. */
export function tidied(
  file: ts.SourceFile,
  removed: readonly Range[],
  kept: ReadonlySet<string>,
  { checker }: Application,
): Tidied {
  const left = new Set<ts.Symbol>();
  const gone = new Set<ts.Symbol>();
  eachNode(file, (node) => {
    if (!ts.isIdentifier(node) || ('name' in node.parent && node.parent.name === node && !isShorthand(node.parent)))
      return;
    const symbol = isShorthand(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);
    if (symbol === undefined) return;
    const inside = removed.some(({ start, end }) => node.getStart() >= start && node.getEnd() <= end);
    (inside && !kept.has(node.text) ? gone : left).add(symbol);
  });
  const isUnused = (name: ts.Identifier): boolean => {
    const symbol = checker.getSymbolAtLocation(name);
    return symbol !== undefined && gone.has(symbol) && !left.has(symbol);
  };
  const edits: Edit[] = [];
  const unused: ts.Identifier[] = [];
  const drop = (statement: ts.Statement): unknown =>
    edits.push({ start: statement.getStart(), end: lineEnd(file.text, statement.getEnd()), text: '' });
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement) && fromPromClient(statement)) {
      edits.push(...importEdits(statement, isUnused, drop));
    } else if (ts.isVariableStatement(statement) && statement.declarationList.declarations.length === 1) {
      const [{ name, initializer }] = statement.declarationList.declarations as unknown as [ts.VariableDeclaration];
      if (initializer !== undefined && requiredPath(initializer) === 'prom-client') {
        edits.push(...requireEdits(name, isUnused, () => drop(statement)));
      } else if (ts.isIdentifier(name) && isUnused(name) && statement.modifiers === undefined) unused.push(name);
    }
  }
  return { edits, unused };
}

const isShorthand = (node: ts.Node): node is ts.ShorthandPropertyAssignment => ts.isShorthandPropertyAssignment(node);

function importEdits(
  statement: ts.ImportDeclaration,
  isUnused: (name: ts.Identifier) => boolean,
  drop: (statement: ts.Statement) => unknown,
): Edit[] {
  const { importClause: clause } = statement;
  if (clause === undefined) return [];
  const bindings = clause.namedBindings;
  const whole = clause.name !== undefined && !isUnused(clause.name) ? clause.name.text : undefined;
  const space =
    bindings !== undefined && ts.isNamespaceImport(bindings) && !isUnused(bindings.name) ? bindings : undefined;
  const elements = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : undefined;
  const names = (elements ?? []).filter(({ name }) => !isUnused(name)).map((each) => each.getText());
  if (whole === undefined && space === undefined && names.length === 0) {
    drop(statement);
    return [];
  }
  const all = elements === undefined || names.length === elements.length;
  if (all && (clause.name === undefined || whole !== undefined)) return [];
  const named = names.length === 0 ? space?.getText() : `{ ${names.join(', ')} }`;
  const text = [whole, named].filter((each) => each !== undefined).join(', ');
  const type = clause.getText().startsWith('type ') ? 'type ' : '';
  return [{ start: clause.getStart(), end: clause.getEnd(), text: type + text }];
}

function requireEdits(name: ts.BindingName, isUnused: (name: ts.Identifier) => boolean, drop: () => unknown): Edit[] {
  if (ts.isIdentifier(name)) {
    if (isUnused(name)) drop();
    return [];
  }
  if (!ts.isObjectBindingPattern(name)) return [];
  const stay = name.elements.filter((each) => !ts.isIdentifier(each.name) || !isUnused(each.name));
  if (stay.length === name.elements.length) return [];
  if (stay.length === 0) {
    drop();
    return [];
  }
  return [{ start: name.getStart(), end: name.getEnd(), text: `{ ${stay.map((each) => each.getText()).join(', ')} }` }];
}
