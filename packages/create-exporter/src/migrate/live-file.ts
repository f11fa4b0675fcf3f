import { ts } from 'ts-morph';
import { UserError } from '../user-error.ts';
import { applyEdits, type Edit } from './edits.ts';
import type { FoundMetric } from './found-metrics.ts';
import { needsWaiver } from './naming.ts';
import type { Style } from './style.ts';

/** The names in the new file. */
export interface LiveNames {
  /** The live value, such as `shop`. */
  readonly live: string;
  readonly exporter: string;
  readonly text: string;
}

/** A metric, under its key in the live value. */
export interface KeyedMetric {
  readonly key: string;
  readonly metric: FoundMetric;
}

/** What the new file has to have. */
export interface LiveFile {
  readonly names: LiveNames;
  /** Name of the collector, in snake_case. */
  readonly snake: string;
  readonly metrics: readonly KeyedMetric[];
  readonly defaultLabels: ReadonlyMap<string, string>;
  /** How it is served: as text for handlers, by an exporter, or by one that is elsewhere. */
  readonly served: 'text' | 'exporter' | 'elsewhere';
  readonly style: Style;
}

/** The file that declares the live value, and exports everything. */
export function liveFileText({ names, snake, metrics, defaultLabels, served, style }: LiveFile): string {
  const asText = served === 'text';
  const exports = served !== 'elsewhere';
  const { quote, esm, typescript } = style;
  const kinds = [...new Set(metrics.map(({ metric }) => metric.kind))].sort();
  const labels = [...defaultLabels].map(([name, value]) => `${keyText(name, quote)}: ${literal(value, quote)}`);
  const own = `${names.live}.collector`;
  const collector = labels.length === 0 ? own : `withLabels(${own}, { ${labels.join(', ')} })`;
  const kit = ['exporter', ...(asText ? ['fetchHandler'] : []), ...(labels.length > 0 ? ['withLabels'] : [])];
  const imported = (what: string, from: string): string =>
    esm ? `import { ${what} } from ${literal(from, quote)};` : `const { ${what} } = require(${literal(from, quote)});`;
  const exported = esm ? 'export ' : '';
  const zero = metrics.filter(({ metric }) => metric.kind === 'gauge' && metric.labels.length === 0);
  const lines = [
    ...(exports ? [imported(`${typescript ? 'type Exporter, ' : ''}${kit.join(', ')}`, 'exporter-kit')] : []),
    imported([...kinds, 'live'].join(', '), 'exporter-kit/live'),
    ...(exports ? [imported('fromRegistry', 'exporter-kit/prom-client')] : []),
    ...(typescript && exports ? [`import type { Registry } from ${literal('prom-client', quote)};`] : []),
    '',
    '/** What this application counts. */',
    `${exported}const ${names.live} = live({`,
    `  name: ${literal(snake, quote)},`,
    '  metrics: {',
    ...metrics.map((each) => metricText(each, quote)),
    '  },',
    '});',
    ...(zero.length === 0
      ? []
      : [
          '',
          '// As in prom-client, where a gauge without labels begins at 0.',
          ...zero.map(({ key }) => `${names.live}.${key}.set(0);`),
        ]),
    ...(exports ? exporterLines(names, snake, collector, style) : []),
    ...(asText ? textFunction(names, style) : []),
  ];
  if (!esm) {
    const all = [names.live, ...(exports ? [names.exporter] : []), ...(asText ? [names.text] : [])];
    lines.push('', `module.exports = { ${all.join(', ')} };`);
  }
  return `${lines.join('\n')}\n`;
}

function exporterLines({ exporter }: LiveNames, snake: string, collector: string, style: Style): string[] {
  const { esm, typescript, quote } = style;
  const signature = typescript ? '(register: Registry): Exporter' : '(register)';
  return [
    '',
    "/** Exports what is counted above, and what is still in prom-client's registry. */",
    `${esm ? 'export ' : ''}const ${exporter} = ${signature} =>`,
    '  exporter({',
    `    name: ${literal(`${snake}_exporter`, quote)},`,
    `    collectors: [fromRegistry(register), ${collector}],`,
    '  });',
  ];
}

function textFunction({ text, exporter }: LiveNames, { esm, typescript, quote }: Style): string[] {
  const type = typescript ? '<Registry, (request: Request) => Promise<Response>>' : '';
  return [
    '',
    `const handlers = new WeakMap${type}();`,
    '',
    '/** All of it as text, like `register.metrics()`. Better: answer requests with nodeListener or fetchHandler. */',
    `${esm ? 'export ' : ''}async function ${text}(register${typescript ? ': Registry' : ''})${typescript ? ': Promise<string>' : ''} {`,
    `  const handler = handlers.get(register) ?? fetchHandler(${exporter}(register));`,
    '  handlers.set(register, handler);',
    `  return (await handler(new Request(${literal('http://localhost/metrics', quote)}))).text();`,
    '}',
  ];
}

/** Adds metrics to a file that an earlier run has written. */
export function extendedText(file: ts.SourceFile, { names, metrics, style }: LiveFile): string {
  const edits: Edit[] = [];
  const object = metricsObject(file);
  if (object === undefined)
    throw new UserError(
      `${file.fileName} has no live({ metrics: { … } }) to add to; rename it, or move the metrics by hand.`,
    );
  const at = object.properties.at(-1)?.getEnd() ?? object.getStart() + 1;
  const comma = object.properties.length === 0 || object.properties.hasTrailingComma ? '' : ',';
  const after = object.properties.hasTrailingComma ? object.properties.end : at;
  const added = metrics
    .map((each) => metricText(each, style.quote))
    .join('\n')
    .replace(/,$/, '');
  edits.push({ start: after, end: after, text: `${comma}\n${added}${object.properties.hasTrailingComma ? ',' : ''}` });
  const kinds = [...new Set(metrics.map(({ metric }) => metric.kind))].filter(
    (kind) => !new RegExp(`\\b${kind}\\b[^;]*exporter-kit/live`).test(file.text),
  );
  const imports = /\blive\b(?= \}.*exporter-kit\/live)/.exec(file.text);
  if (kinds.length > 0 && imports === null)
    throw new UserError(
      `${file.fileName} imports ${kinds.join(', ')} in no way that can be added to; import it there.`,
    );
  if (imports !== null && kinds.length > 0)
    edits.push({ start: imports.index, end: imports.index, text: `${kinds.join(', ')}, ` });
  const zero = metrics.filter(({ metric }) => metric.kind === 'gauge' && metric.labels.length === 0);
  const statement = ts.findAncestor(object, ts.isStatement)!.getEnd();
  for (const { key } of zero) edits.push({ start: statement, end: statement, text: `\n${names.live}.${key}.set(0);` });
  return applyEdits(file.text, edits);
}

/** The `metrics` of the live value in a file, and the variable that holds it. */
export function metricsObject(file: ts.SourceFile): ts.ObjectLiteralExpression | undefined {
  const live = liveCall(file);
  const [options] = live?.arguments ?? [];
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return undefined;
  const metrics = options.properties.find((each) => each.name?.getText() === 'metrics');
  if (metrics === undefined || !ts.isPropertyAssignment(metrics)) return undefined;
  return ts.isObjectLiteralExpression(metrics.initializer) ? metrics.initializer : undefined;
}

/** The call of `live` at the top of a file. */
export function liveCall(file: ts.SourceFile): ts.CallExpression | undefined {
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const value = statement.declarationList.declarations[0]?.initializer;
    if (value !== undefined && ts.isCallExpression(value) && value.expression.getText() === 'live') return value;
  }
  return undefined;
}

function metricText({ key, metric }: KeyedMetric, quote: string): string {
  const { kind, name, help, labels, buckets, across, comments } = metric;
  const lines = [
    ...comments.map((line) => `    // ${line}`),
    `    ${key}: ${kind}({`,
    `      name: ${literal(name, quote)},`,
    `      help: ${literal(help, quote)},`,
    ...(labels.length === 0 ? [] : [`      labels: [${labels.map((label) => literal(label, quote)).join(', ')}],`]),
    ...(buckets === undefined ? [] : [`      buckets: [${buckets.join(', ')}],`]),
    ...(across === undefined ? [] : [`      across: ${literal(across, quote)},`]),
    ...(needsWaiver(metric) ? [`      waive: ${literal('its name before exporter-kit', quote)},`] : []),
    '    }),',
  ];
  return lines.join('\n');
}

/** A string as source text. */
function literal(text: string, quote: string): string {
  const json = JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  if (quote === '"') return json;
  return text.includes("'") && !text.includes('"')
    ? json
    : `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

const keyText = (name: string, quote: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name, quote);
