import { ts } from 'ts-morph';
import { bare } from './application.ts';
import type { Edit } from './edits.ts';

/** Changes to an argument, or why it can't be changed safely. */
export type Changed = readonly Edit[] | string;

/**
 * Whether an expression is surely a string, number or boolean. prom-client writes anything else as text, such as "undefined";
 * an instrument refuses it.
 */
function isPlain(type: ts.Type): boolean {
  if (type.isUnion()) return type.types.every(isPlain);
  const plain = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike;
  return (type.flags & plain) !== 0;
}

/** An expression as a label value, as prom-client writes it. */
export function valueEdits(value: ts.Expression, checker: ts.TypeChecker): Edit[] {
  if (isPlain(checker.getTypeAtLocation(value))) return [];
  return [
    { start: value.getStart(), end: value.getStart(), text: 'String(' },
    { start: value.getEnd(), end: value.getEnd(), text: ')' },
  ];
}

/**
 * What to change in a label object so that it is one of an instrument with these labels: every label, and only values that it
 * takes. `some`: labels may be missing.
 */
export function labelEdits(
  given: ts.Expression,
  labels: readonly string[],
  checker: ts.TypeChecker,
  some = false,
): Changed {
  const argument = bare(given);
  const seen = new Set<string>();
  const edits: Edit[] = [];
  if (!ts.isObjectLiteralExpression(argument)) return variableEdits(argument, labels, checker, some);
  for (const property of argument.properties) {
    if (ts.isSpreadAssignment(property)) {
      const members = knownMembers(property.expression, checker);
      if (members === undefined || ![...members.values()].every(isPlain)) return 'its labels are not written out';
      for (const name of members.keys()) seen.add(name);
      continue;
    }
    const { name } = property;
    if (name === undefined || !(ts.isIdentifier(name) || ts.isStringLiteralLike(name)))
      return 'a label name is only known at run time';
    seen.add(name.text);
    if (ts.isPropertyAssignment(property)) edits.push(...valueEdits(property.initializer, checker));
    else if (ts.isShorthandPropertyAssignment(property)) {
      const symbol = checker.getShorthandAssignmentValueSymbol(property);
      const type = symbol === undefined ? undefined : checker.getTypeOfSymbolAtLocation(symbol, property.name);
      const end = property.getEnd();
      if (type === undefined || !isPlain(type)) edits.push({ start: end, end, text: `: String(${name.text})` });
    } else return 'a label is a function';
  }
  return problemOf(seen, labels, some) ?? edits;
}

/** Of labels in a variable: it stays if its type is known to fit; else its members are written out. */
function variableEdits(
  argument: ts.Expression,
  labels: readonly string[],
  checker: ts.TypeChecker,
  some: boolean,
): Changed {
  const members = knownMembers(argument, checker);
  if (members === undefined) return 'its labels are not written out';
  const problem = problemOf(new Set(members.keys()), labels, some);
  if (problem !== undefined) return problem;
  if ([...members.values()].every(isPlain)) return [];
  if (!ts.isIdentifier(argument)) return 'its labels are not written out, and may be undefined';
  const written = [...members].map(([name, type]) => {
    const value = `${argument.text}.${name}`;
    return `${name}: ${isPlain(type) ? value : `String(${value})`}`;
  });
  return [{ start: argument.getStart(), end: argument.getEnd(), text: `{ ${written.join(', ')} }` }];
}

function problemOf(seen: ReadonlySet<string>, labels: readonly string[], some: boolean): string | undefined {
  const extra = [...seen].find((name) => !labels.includes(name));
  if (extra !== undefined) return `the label ${extra} is not declared`;
  const missing = labels.find((name) => !seen.has(name));
  if (missing !== undefined && !some) return `the label ${missing} is missing, which an instrument refuses`;
  return undefined;
}

/** The members of an object whose type names them all; `undefined` if there may be others, or one may be missing. */
export function knownMembers(node: ts.Expression, checker: ts.TypeChecker): Map<string, ts.Type> | undefined {
  const type = checker.getTypeAtLocation(node);
  const isObject = (type.flags & ts.TypeFlags.Object) !== 0 && type.getCallSignatures().length === 0;
  if (!isObject || checker.getIndexInfosOfType(type).length > 0) return undefined;
  const members = new Map<string, ts.Type>();
  for (const member of type.getProperties()) {
    if (member.flags & (ts.SymbolFlags.Optional | ts.SymbolFlags.Method)) return undefined;
    members.set(member.name, checker.getTypeOfSymbolAtLocation(member, node));
  }
  return members;
}
