import { ts } from 'ts-morph';
import { eachNode } from './application.ts';
import type { MethodCall } from './calls.ts';
import type { Edit } from './edits.ts';
import type { FoundMetric } from './found-metrics.ts';
import { type Changed, knownMembers, labelEdits } from './labels.ts';

/**
 * `startTimer()` becomes `start()`, whose timer takes all labels at its end. Labels that are given at the start are kept in a
 * variable until then.
 */
export function timerEdits(
  metric: FoundMetric,
  bound: boolean,
  { call, method }: MethodCall,
  checker: ts.TypeChecker,
): Changed {
  const labels = bound ? [] : metric.labels;
  const [given, exemplar] = call.arguments;
  if (exemplar !== undefined) return 'its timer has an exemplar';
  const ends = endsOf(call, checker);
  const rename: Edit = { start: method.getStart(), end: method.getEnd(), text: 'start' };
  if (labels.length === 0) {
    const wrong = given !== undefined || ends?.calls.some((end) => end.arguments.length > 0) === true;
    return wrong ? 'its timer has labels, but it has none' : [rename];
  }
  const begun = given === undefined ? new Set<string>() : keysOf(given, checker);
  if (begun === undefined) return 'the labels of its timer are not written out';
  if (given !== undefined && labels.every((label) => begun.has(label))) {
    if (ends === undefined ? !isPassedOn(call) : ends.calls.some((end) => end.arguments.length > 0))
      return 'its timer has labels at its start and at its end';
    const fit = labelEdits(given, labels, checker);
    if (typeof fit === 'string') return fit;
    const end = call.getEnd();
    return [{ ...rename, text: 'with' }, ...fit, { start: end, end, text: '.start()' }];
  }
  if (ends === undefined || ends.others > 0)
    return 'its timer ends where it cannot be followed, and needs labels there';
  if (given === undefined) {
    const fits = ends.calls.map((end) =>
      end.arguments.length === 1 ? labelEdits(end.arguments[0]!, labels, checker) : 'its timer ends without labels',
    );
    return joined([[rename], ...fits]);
  }
  return mergedEdits({ rename, call, given, ends, begun, labels, checker });
}

interface Ends {
  readonly statement: ts.VariableStatement;
  readonly name: ts.Identifier;
  readonly calls: readonly ts.CallExpression[];
  /** Uses that are no calls. */
  readonly others: number;
}

/** The calls that end a timer, if it is in a variable of its own. */
function endsOf(call: ts.CallExpression, checker: ts.TypeChecker): Ends | undefined {
  const { parent } = call;
  if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name)) return undefined;
  const { name } = parent;
  const statement = parent.parent.parent;
  if (!ts.isVariableStatement(statement) || statement.declarationList.declarations.length !== 1) return undefined;
  const symbol = checker.getSymbolAtLocation(name);
  const calls: ts.CallExpression[] = [];
  let others = 0;
  eachNode(call.getSourceFile(), (node) => {
    if (!ts.isIdentifier(node) || node === name || node.text !== name.text) return;
    const own = ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);
    if (own !== symbol) return;
    if (ts.isCallExpression(node.parent) && node.parent.expression === node) calls.push(node.parent);
    else others++;
  });
  return { statement, name, calls, others };
}

/** Whether a timer is given away at once, as a callback. */
const isPassedOn = ({ parent }: ts.CallExpression): boolean =>
  ts.isCallExpression(parent) || ts.isReturnStatement(parent);

function keysOf(labels: ts.Expression, checker: ts.TypeChecker): Set<string> | undefined {
  const members = knownMembers(labels, checker);
  return members === undefined ? undefined : new Set(members.keys());
}

interface Merged {
  readonly rename: Edit;
  readonly call: ts.CallExpression;
  readonly given: ts.Expression;
  readonly ends: Ends;
  readonly begun: ReadonlySet<string>;
  readonly labels: readonly string[];
  readonly checker: ts.TypeChecker;
}

/** Some labels are known at the start, the others at the end. */
function mergedEdits({ rename, call, given, ends, begun, labels, checker }: Merged): Changed {
  if (!ts.isObjectLiteralExpression(given) || given.getText().includes('\n'))
    return 'the labels at the start of its timer are not written out in one line';
  const file = call.getSourceFile();
  const kept = `${ends.name.text}Labels`;
  if (new RegExp(`\\b${kept}\\b`).test(file.text)) return `the name ${kept} is taken`;
  const first = labelEdits(given, labels, checker, true);
  if (typeof first === 'string') return first;
  const start = ends.statement.getStart();
  const { character } = file.getLineAndCharacterOfPosition(start);
  const indent = file.text.slice(start - character, start);
  if (indent.trim() !== '') return 'its timer starts in the middle of a line';
  // The object moves in front of the statement, so its own edits are made to its text.
  const base = given.getStart();
  let text = given.getText();
  for (const edit of [...first].reverse())
    text = text.slice(0, edit.start - base) + edit.text + text.slice(edit.end - base);
  const semicolon = ends.statement.getText().endsWith(';') ? ';' : '';
  const front = `const ${kept} = ${text}${semicolon}\n${indent}`;
  const calls = ends.calls.map((end): Changed => {
    const [argument, more] = end.arguments;
    const late = argument === undefined ? new Set<string>() : keysOf(argument, checker);
    if (late === undefined || more !== undefined) return 'the labels at the end of its timer are not written out';
    const missing = labels.find((label) => !begun.has(label) && !late.has(label));
    if (missing !== undefined) return `the label ${missing} is missing where its timer ends`;
    if (argument === undefined) return [{ start: end.getEnd() - 1, end: end.getEnd() - 1, text: kept }];
    const fit = labelEdits(argument, labels, checker, true);
    if (typeof fit === 'string') return fit;
    const at = argument.getStart();
    if (ts.isObjectLiteralExpression(argument)) return [{ start: at + 1, end: at + 1, text: ` ...${kept},` }, ...fit];
    if (fit.length > 0) return 'the labels at the end of its timer are not written out';
    const close = argument.getEnd();
    return [
      { start: at, end: at, text: `{ ...${kept}, ...` },
      { start: close, end: close, text: ' }' },
    ];
  });
  return joined([
    [{ start, end: start, text: front }, rename, { start: base, end: given.getEnd(), text: '' }],
    ...calls,
  ]);
}

/** All edits, or the first reason against one. */
export function joined(all: readonly Changed[]): Changed {
  return all.find((each) => typeof each === 'string') ?? (all as readonly (readonly Edit[])[]).flat();
}
