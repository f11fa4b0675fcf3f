import { join } from 'node:path';
import { ts } from 'ts-morph';
import type { Change } from '../disk/transaction.ts';
import { endedBytes } from '../project/bookkeeping.ts';
import { readSource } from '../project/own-files.ts';
import { UserError } from '../user-error.ts';
import { type Application, eachNode, readApplication } from './application.ts';
import { applyEdits, type Edit } from './edits.ts';
import { type FoundMetric, metricsOf } from './found-metrics.ts';
import { extendedText, type KeyedMetric, type LiveFile, liveCall, liveFileText } from './live-file.ts';
import { withDependency } from './manifest.ts';
import { keysOf, namesFor } from './new-names.ts';
import { originsOf } from './origin.ts';
import { inTest, type Registries, registriesOf } from './registries.ts';
import { type FileEdits, rewritten } from './rewrite.ts';
import { importPlace, isEsm, specifier, styleOf } from './style.ts';
import { tidied } from './tidy.ts';

const liveFileName = /(^|\/)live-metrics\.[cm]?[jt]s$/;

/** The planned migration of one application. */
export interface Migration {
  /** From the application's folder. */
  readonly changes: ReadonlyMap<string, Change>;
  readonly moved: readonly Listed[];
  readonly staying: readonly (Listed & { readonly why: string })[];
  /** Why nothing is moved, if so. */
  readonly blocks: readonly string[];
  readonly notes: readonly string[];
  /** Files with syntax errors. */
  readonly problems: readonly string[];
}

/** A metric, and where it is declared. */
export interface Listed {
  readonly name: string;
  readonly place: string;
}

/**
 * Plans how an application's metrics move from prom-client to a live value. What can't be moved safely is not touched.
 *
 * @param kit the version of exporter-kit for package.json.
 * @throws UserError if the folder has no application with prom-client.
 */
export async function migrationOf(root: string, kit: string): Promise<Migration> {
  const app = await readApplication(root);
  const origins = originsOf(app.checker);
  const { found, staying: unmovable } = metricsOf(app, origins);
  const earlier = app.files.find((file) => liveFileName.test(app.pathOf(file)) && liveCall(file) !== undefined);
  const names = namesFor(app, earlier);
  const registries = registriesOf(app, origins, earlier === undefined ? [] : [names.exporter, names.text]);
  const staying = unmovable.map(({ node, name, why }) => ({ name, place: app.place(node), why }));
  const stay = (metric: FoundMetric, why: string): void =>
    void staying.push({ name: metric.name, place: app.place(metric.node), why });
  const common = { notes: registries.notes, problems: app.problems };
  const blocked = found.length > 0 && registries.blocks.length > 0;
  if (blocked) return { changes: new Map(), moved: [], staying, blocks: registries.blocks, ...common };

  const eligible = found.filter((metric) => {
    const why = objection(metric, registries, app);
    if (why !== undefined) stay(metric, why);
    return why === undefined;
  });
  const edits: FileEdits = new Map();
  const moving: FoundMetric[] = [];
  for (const [metric, result] of rewritten(app, origins, eligible)) {
    if ('why' in result) {
      stay(metric, result.why);
      continue;
    }
    moving.push(metric);
    for (const [file, more] of result.edits) edits.set(file, [...(edits.get(file) ?? []), ...more]);
  }
  const moved = moving.map((metric) => ({ name: metric.name, place: app.place(metric.node) }));
  staying.sort((a, b) => a.place.localeCompare(b.place, 'en', { numeric: true }));
  if (moving.length === 0) return { changes: new Map(), moved, staying, blocks: [], ...common };
  const { changes, notes } = await changesOf(app, { moving, registries, edits, names, earlier, kit });
  return { changes, moved, staying, blocks: [], ...common, notes: [...common.notes, ...notes] };
}

function objection(metric: FoundMetric, registries: Registries, app: Application): string | undefined {
  if (inTest(app.pathOf(metric.node.getSourceFile()))) return 'it is created in a test';
  if (!registries.serves(metric)) return 'it is not in the registry that is served';
  const asked = registries.named.get(metric.name);
  if (asked !== undefined) return `${app.place(asked)} asks for it by name`;
  const clash = metric.labels.find((label) => registries.defaultLabels.has(label));
  return clash === undefined ? undefined : `its label ${clash} is also a default label`;
}

interface Move {
  readonly moving: readonly FoundMetric[];
  readonly registries: Registries;
  /** Of the uses of the metrics. */
  readonly edits: FileEdits;
  readonly names: ReturnType<typeof namesFor>;
  /** The file that an earlier run has written. */
  readonly earlier: ts.SourceFile | undefined;
  readonly kit: string;
}

async function changesOf(
  app: Application,
  { moving, registries, edits, names, earlier, kit }: Move,
): Promise<{ changes: Map<string, Change>; notes: string[] }> {
  const home = earlier ?? homeOf(moving);
  const style = styleOf(home, app);
  const folder = app.pathOf(home).replace(/[^/]*$/, '');
  const path = `${folder}live-metrics${/\.[cm]?[jt]s/.exec(home.fileName)![0]}`;
  if (earlier === undefined && app.bytes.has(path))
    throw new UserError(`${path} exists, and has no live value; rename it.`);
  const metrics: readonly KeyedMetric[] = keysOf(moving, earlier);
  const removed = new Map<ts.SourceFile, Edit[]>();
  const imports = new Map<ts.SourceFile, Set<string>>();
  const kept = new Set<string>();
  const add = (file: ts.SourceFile, edit: Edit, name?: string): void => {
    edits.set(file, [...(edits.get(file) ?? []), edit]);
    if (edit.end > edit.start) removed.set(file, [...(removed.get(file) ?? []), edit]);
    if (name !== undefined) imports.set(file, (imports.get(file) ?? new Set()).add(name));
  };
  for (const { key, metric } of metrics) {
    const { node } = metric;
    const file = node.getSourceFile();
    add(file, { start: node.getStart(), end: node.getEnd(), text: `${names.live}.${key}` }, names.live);
    const { parent } = node;
    if (ts.isVariableDeclaration(parent) && parent.type !== undefined)
      add(file, { start: parent.name.getEnd(), end: parent.type.getEnd(), text: '' });
  }
  let served: LiveFile['served'] = 'elsewhere';
  for (const endpoint of registries.endpoints) {
    const register = endpoint.register.getText();
    kept.add(register.replace(/\..*/s, ''));
    if (endpoint.kind === 'handler') {
      if (served === 'elsewhere') served = 'exporter';
      const { handler, path: route } = endpoint;
      const options = route === '/metrics' ? '' : `, { path: ${handler.parent.getChildAt(2).getChildAt(0).getText()} }`;
      const text = `nodeListener(${names.exporter}(${register})${options})`;
      const file = handler.getSourceFile();
      add(file, { start: handler.getStart(), end: handler.getEnd(), text }, names.exporter);
      imports.get(file)!.add('nodeListener');
    } else if (endpoint.kind === 'text') {
      served = 'text';
      const { call, register: on } = endpoint;
      const file = call.getSourceFile();
      add(file, { start: call.getStart(), end: on.getStart(), text: `${names.text}(` }, names.text);
      add(file, { start: on.getEnd(), end: call.getEnd(), text: ')' });
    } else if (endpoint.kind === 'collectors') {
      const end = endpoint.after.getEnd();
      add(endpoint.after.getSourceFile(), { start: end, end, text: `, ${names.live}.collector` }, names.live);
    }
  }
  const wanted = served === 'text' ? names.text : served === 'exporter' ? names.exporter : '';
  if (earlier !== undefined && !earlier.text.includes(wanted))
    throw new UserError(`${path} has no ${wanted}, which a new call of metrics() needs; use its exporter there.`);
  const notes = app.findsExports
    ? []
    : ['tsconfig.json  does not find exporter-kit: set "moduleResolution" to "nodenext", "node16" or "bundler"'];
  notes.push(...mocksOf(app, removed));
  for (const [file, ranges] of removed) {
    const { edits: more, unused } = tidied(file, ranges, kept, app);
    edits.set(file, [...edits.get(file)!, ...more]);
    for (const name of unused) notes.push(`${app.place(name)}  ${name.text} is not used any more: remove it`);
  }
  const changes = new Map<string, Change>();
  for (const [file, list] of edits) {
    const own = [...(imports.get(file) ?? [])];
    const all = own.length === 0 ? list : [...list, importEdit(file, own, path, app, list)];
    const before = app.bytes.get(app.pathOf(file))!;
    const after = endedBytes(new TextEncoder().encode(applyEdits(file.text, all)), before);
    changes.set(app.pathOf(file), { before, after });
  }
  const live: LiveFile = { names, snake: names.snake, metrics, defaultLabels: registries.defaultLabels, served, style };
  const before = app.bytes.get(path);
  const text = earlier === undefined ? liveFileText(live) : extendedText(earlier, live);
  changes.set(path, {
    before,
    after: endedBytes(new TextEncoder().encode(text), before ?? app.bytes.get(app.pathOf(home))),
  });
  const manifest = await readSource(join(app.root, 'package.json'));
  const updated = withDependency(manifest!, 'exporter-kit', kit);
  if (updated !== undefined) changes.set('package.json', { before: manifest, after: updated });
  return { changes, notes };
}

/** The file that declares most of the metrics. */
function homeOf(moving: readonly FoundMetric[]): ts.SourceFile {
  const counts = new Map<ts.SourceFile, number>();
  for (const { node } of moving) counts.set(node.getSourceFile(), (counts.get(node.getSourceFile()) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
}

/** Imports names of the new file, and `nodeListener` of the kit. */
function importEdit(
  file: ts.SourceFile,
  names: readonly string[],
  path: string,
  app: Application,
  others: readonly Edit[],
): Edit {
  const { quote } = styleOf(file, app);
  const esm = isEsm(file, app);
  const line = (what: readonly string[], from: string): string => {
    const [names, source] = [what.join(', '), `${quote}${from}${quote}`];
    return esm ? `import { ${names} } from ${source};` : `const { ${names} } = require(${source});`;
  };
  let known = false;
  eachNode(file, (node) => {
    if (ts.isImportSpecifier(node) && node.name.text === 'nodeListener') known = true;
  });
  const own = names.filter((name) => name !== 'nodeListener');
  const lines = [
    ...(names.includes('nodeListener') && !known ? [line(['nodeListener'], 'exporter-kit')] : []),
    line(own, specifier(file, path, app)),
  ].join('\n');
  const { at, after } = importPlace(file);
  // Where the import of prom-client is removed, its line end goes with it.
  const gone = others.find(({ start, end }) => start < at && at < end);
  if (gone !== undefined) return { start: gone.end, end: gone.end, text: `${lines}\n` };
  return { start: at, end: at, text: after ? `\n${lines}` : `${lines}\n\n` };
}

/** Mocks of changed files in tests, which may have methods of prom-client. */
function mocksOf(app: Application, changed: ReadonlyMap<ts.SourceFile, unknown>): string[] {
  const names = [...changed.keys()].map((file) => app.pathOf(file).replace(/^.*\/|\.[cm]?[jt]sx?$/g, ''));
  const found: string[] = [];
  for (const file of app.files) {
    eachNode(file, (node) => {
      if (!ts.isCallExpression(node) || !/^(jest|vi)\.(mock|doMock)$/.test(node.expression.getText())) return;
      const [path] = node.arguments;
      if (path === undefined || !ts.isStringLiteralLike(path)) return;
      const name = path.text.replace(/^.*\/|\.[cm]?[jt]sx?$/g, '');
      if (path.text.startsWith('.') && names.includes(name))
        found.push(`${app.place(node)}  mocks a file whose metrics have moved`);
    });
  }
  return found;
}
