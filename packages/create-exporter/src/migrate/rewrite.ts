import { ts } from 'ts-morph';
import { type Application, bare, eachNode } from './application.ts';
import { callEdits, type MethodCall } from './calls.ts';
import type { Edit } from './edits.ts';
import type { FoundMetric } from './found-metrics.ts';
import { type Origins, requiredPath } from './origin.ts';
import { timerEdits } from './timers.ts';
import { type Uses, usesOf } from './uses.ts';

/** Edits by file. */
export type FileEdits = Map<ts.SourceFile, Edit[]>;

/** A metric with the edits of its uses, or the reason why it stays. */
export type Rewritten = { readonly edits: FileEdits } | { readonly why: string };

/** How the uses of metrics become those of instruments. */
export function rewritten(
  app: Application,
  origins: Origins,
  metrics: readonly FoundMetric[],
): Map<FoundMetric, Rewritten> {
  const values = new Set<ts.Expression>(metrics.map(({ node }) => node));
  const uses = usesOf(app, origins, values, () => false);
  const bound = new Set<ts.Expression>();
  for (const calls of uses.calls.values())
    for (const { call, method } of calls) if (method.text === 'labels') bound.add(call);
  const boundUses = usesOf(app, origins, bound, (node) => ts.isExpressionStatement(node.parent));
  const unseen = unseenUses(app, origins, metrics);
  return new Map(
    metrics.map((metric): [FoundMetric, Rewritten] => [
      metric,
      unseen.has(metric) ? { why: unseen.get(metric)! } : editsOf(app, metric, uses, boundUses),
    ]),
  );
}

function editsOf(app: Application, metric: FoundMetric, uses: Uses, boundUses: Uses): Rewritten {
  const edits: FileEdits = new Map();
  const lost = uses.lost.get(metric.node);
  if (lost !== undefined) return { why: `${app.place(lost)} passes it on to where it cannot be followed` };
  const [read] = uses.reads.get(metric.node) ?? [];
  if (read !== undefined) return { why: `${app.place(read)} reads its ${read.name.text}` };
  const calls: { readonly bound: boolean; readonly at: MethodCall }[] = [];
  for (const at of uses.calls.get(metric.node) ?? []) {
    calls.push({ bound: false, at });
    if (at.method.text !== 'labels') continue;
    const away = boundUses.lost.get(at.call) ?? boundUses.reads.get(at.call)?.[0];
    if (away !== undefined)
      return { why: `${app.place(away)} passes its labels(…) on to where they cannot be followed` };
    for (const each of boundUses.calls.get(at.call) ?? []) calls.push({ bound: true, at: each });
  }
  for (const { bound, at } of calls) {
    const resets = at.method.text === 'zero' && !isFirst(at.call, metric, calls);
    if (resets) return { why: `${app.place(at.call)}: zero() also resets; use with(labels), which does not` };
    const timer = at.method.text === 'startTimer' && metric.kind === 'histogram';
    const changed = (timer ? timerEdits : callEdits)(metric, bound, at, app.checker);
    if (typeof changed === 'string') return { why: `${app.place(at.call)}: ${changed}` };
    const file = at.call.getSourceFile();
    edits.set(file, [...(edits.get(file) ?? []), ...changed]);
  }
  return { edits };
}

/** Whether a call of `zero` runs when the metric's file is loaded, before anything can be counted. */
function isFirst(
  call: ts.CallExpression,
  { node }: FoundMetric,
  calls: readonly { readonly at: MethodCall }[],
): boolean {
  const file = node.getSourceFile();
  const early = calls.some(
    ({ at }) => at.method.text !== 'zero' && at.call.getSourceFile() === file && at.call.pos < call.pos,
  );
  return !early && call.parent.parent === file;
}

/** The name that a metric has in its file: of its variable or property. */
export function localName({ node }: FoundMetric): string | undefined {
  let at: ts.Node = node.parent;
  while (ts.isParenthesizedExpression(at) || ts.isAsExpression(at)) at = at.parent;
  if (ts.isVariableDeclaration(at) || ts.isPropertyAssignment(at)) return at.name.getText().replace(/^['"]|['"]$/g, '');
  if (ts.isBinaryExpression(at) && ts.isPropertyAccessExpression(at.left)) {
    return at.left.name.text === 'exports' ? undefined : at.left.name.text;
  }
  return undefined;
}

const methods = /^(inc|dec|set|observe|labels|startTimer|zero|remove|reset|get|setToCurrentTime)$/;

/** Metrics that may be used in a way that the compiler can't tell: the first such place. */
function unseenUses(app: Application, origins: Origins, metrics: readonly FoundMetric[]): Map<FoundMetric, string> {
  const byName = new Map<string, FoundMetric[]>();
  for (const metric of metrics) {
    const name = localName(metric);
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), metric]);
  }
  const unseen = new Map<FoundMetric, string>();
  const say = (name: string, why: string): void => {
    for (const metric of byName.get(name) ?? []) if (!unseen.has(metric)) unseen.set(metric, why);
  };
  const values = new Set<ts.Expression>(metrics.map(({ node }) => node));
  const unknown = (node: ts.Expression): boolean =>
    !values.has(origins.of(node)) && (app.checker.getTypeAtLocation(node).flags & ts.TypeFlags.Any) !== 0;
  for (const file of app.files) {
    eachNode(file, (node) => {
      if (ts.isPropertyAccessExpression(node) && methods.test(node.name.text)) {
        const on = bare(node.expression);
        const name = ts.isPropertyAccessExpression(on) ? on.name.text : ts.isIdentifier(on) ? on.text : '';
        if (byName.has(name) && unknown(on as ts.Expression))
          say(name, `${app.place(node)} may use it, which cannot be told`);
      }
      const importing = ts.isImportSpecifier(node) || ts.isBindingElement(node) ? node : undefined;
      const name = importing === undefined ? '' : (importing.propertyName ?? importing.name).getText();
      if (
        importing !== undefined &&
        byName.has(name) &&
        isLocal(importing) &&
        unknown(importing.name as ts.Identifier)
      ) {
        say(name, `${app.place(node)} imports it from a file that is not found`);
      }
    });
  }
  for (const [path, text] of app.broken) {
    for (const name of byName.keys()) {
      if (new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(text))
        say(name, `${path} may use it, and has a syntax error`);
    }
  }
  return unseen;
}

/** Whether a name comes from a file of the application. */
function isLocal(node: ts.ImportSpecifier | ts.BindingElement): boolean {
  if (ts.isImportSpecifier(node)) {
    return /^['"]\./.test(node.parent.parent.parent.moduleSpecifier.getText());
  }
  const holder = node.parent.parent;
  const value = ts.isVariableDeclaration(holder) ? holder.initializer : undefined;
  const path = value === undefined ? undefined : requiredPath(ts.isAwaitExpression(value) ? value.expression : value);
  return path?.startsWith('.') === true;
}
