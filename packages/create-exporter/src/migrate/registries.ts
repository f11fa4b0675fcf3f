import { ts } from 'ts-morph';
import { type Application, eachNode } from './application.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import { type FoundMetric, registerLists } from './found-metrics.ts';
import type { Origins } from './origin.ts';
import { staticValue } from './static-value.ts';
import { passesOn } from './uses.ts';

/** What an application does with prom-client's registries. */
export interface Registries {
  /** Why no metric may move: another way out of prom-client would lack it. */
  readonly blocks: readonly string[];
  /** Where the metrics are served. */
  readonly endpoints: readonly Endpoint[];
  /** `setDefaultLabels` of the registry that is served. */
  readonly defaultLabels: ReadonlyMap<string, string>;
  /** What else there is to know, as `file:line  text`. */
  readonly notes: readonly string[];
  /** Whether a metric is in the registry that is served. */
  serves(metric: FoundMetric): boolean;
  /** Metrics that are asked for by name. */
  readonly named: ReadonlyMap<string, ts.Node>;
}

const DEFAULT = 'default';

/** @param serving functions of an earlier run that serve a registry. */
export function registriesOf(app: Application, origins: Origins, serving: readonly string[]): Registries {
  const blocks: string[] = [];
  const notes: string[] = [];
  const named = new Map<string, ts.Node>();
  const defaultLabels = new Map<string, string>();
  const endpoints: { readonly registry: unknown; readonly endpoint: Endpoint }[] = [];
  const lists = registerLists(app, origins);
  const block = (node: ts.Node, what: string): unknown => blocks.push(`${app.place(node)}  ${what}`);
  const registryOf = (node: ts.Expression): ts.Expression | typeof DEFAULT | undefined => {
    const origin = origins.of(node);
    if (origins.promClient(origin) === 'register') return DEFAULT;
    const made = ts.isNewExpression(origin) && origins.promClient(origin.expression) === 'Registry';
    return made ? origin : undefined;
  };

  function onMethod(registry: unknown, access: ts.PropertyAccessExpression): void {
    const call = access.parent;
    const method = access.name.text;
    if (!ts.isCallExpression(call) || call.expression !== access) {
      if (method !== 'contentType') block(access, `${method} of a registry is read`);
    } else if (method === 'metrics') {
      endpoints.push({ registry, endpoint: endpointOf(call, access.expression, origins) });
    } else if (method === 'setDefaultLabels') setDefaults(call);
    else if (method === 'clear' || method === 'resetMetrics') {
      if (inTest(app.pathOf(call.getSourceFile())))
        notes.push(`${app.place(call)}  ${method}() does not reset instruments: compare before and after`);
      else block(call, `${method}() would not reset instruments`);
    } else askedByName(call, method);
  }

  function askedByName(call: ts.CallExpression, method: string): void {
    const [first] = call.arguments;
    const name = first === undefined ? undefined : staticValue(first, origins);
    const byName = /^(getSingleMetric|getSingleMetricAsString|removeSingleMetric)$/.test(method);
    if (byName && typeof name === 'string') named.set(name, call);
    else block(call, methodAdvice[method] ?? `${method}() of a registry would not see instruments`);
  }

  function setDefaults(call: ts.CallExpression): void {
    const [labels] = call.arguments;
    const plain = labels !== undefined && ts.isObjectLiteralExpression(labels) ? labels.properties : undefined;
    const values = plain?.map((each) =>
      ts.isPropertyAssignment(each) && !ts.isComputedPropertyName(each.name)
        ? ([each.name.getText().replace(/^(['"])(.*)\1$/, '$2'), staticValue(each.initializer, origins)] as const)
        : undefined,
    );
    const found = values?.filter((each) => each?.[1] !== undefined);
    if (found === undefined || found.length !== values!.length) {
      block(call, 'default labels are only known at run time: use withLabels(….collector, { … })');
      return;
    }
    for (const each of found) defaultLabels.set(each![0], String(each![1]));
  }

  function onUse(node: ts.Expression, registry: unknown): void {
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent) && parent.expression === node) {
      onMethod(registry, parent);
      return;
    }
    if (ts.isPropertyAccessExpression(parent) || ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return;
    if (lists.has(parent)) return;
    if (isProperty(parent, 'register') && ts.isObjectLiteralExpression(parent.parent)) {
      const call = parent.parent.parent;
      if (ts.isCallExpression(call) && origins.promClient(call.expression) === 'collectDefaultMetrics') return;
    }
    if (ts.isCallExpression(parent) && parent.expression.getText() === 'fromRegistry') {
      endpoints.push({ registry, endpoint: { kind: 'collectors', after: parent, register: node } });
      return;
    }
    if (ts.isCallExpression(parent) && serving.includes(parent.expression.getText())) {
      endpoints.push({ registry, endpoint: { kind: 'done', register: node } });
      return;
    }
    const holder = ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent) ? parent.parent : node;
    if (!passesOn(holder)) block(node, 'a registry is passed on here, which may serve it as well');
  }

  for (const file of app.files) {
    eachNode(file, (node) => {
      if (ts.isNewExpression(node)) {
        const what = classAdvice[origins.promClient(node.expression) ?? ''];
        if (what !== undefined) block(node, what);
      }
      if (ts.isCallExpression(node) && origins.promClient(node.expression) === 'collectDefaultMetrics') {
        const text = 'collectDefaultMetrics() stays: nodeRuntime() of exporter-kit reads the same without prom-client';
        notes.push(`${app.place(node)}  ${text}`);
      }
      const isStatic = ts.isPropertyAccessExpression(node) && origins.promClient(node.expression) === 'Registry';
      if (isStatic && node.name.text === 'merge') block(node, 'registries are merged');
      if (!isReference(node)) return;
      const registry = registryOf(node);
      if (registry !== undefined) onUse(node, registry);
    });
  }
  const served = [...new Set(endpoints.map(({ registry }) => registry))];
  if (served.length === 0)
    blocks.push('nothing here calls metrics() of a registry, so instruments would be served nowhere');
  if (served.length > 1) blocks.push('several registries are served, each by itself');
  return {
    blocks,
    endpoints: endpoints.map(({ endpoint }) => endpoint),
    defaultLabels,
    notes,
    serves: ({ register }) => (register === undefined ? DEFAULT : registryOf(register)) === served[0],
    named,
  };
}

const classAdvice: { readonly [name: string]: string } = {
  AggregatorRegistry:
    'AggregatorRegistry: instruments of processes are joined by share() and join() of exporter-kit/live',
  Pushgateway: 'Pushgateway pushes a registry: a job of exporter-kit pushes its own metrics, see runJob',
};

const methodAdvice: { readonly [method: string]: string } = {
  setContentType: 'the registry serves OpenMetrics, which an exporter does by itself: remove setContentType()',
  getMetricsAsJSON:
    'getMetricsAsJSON() would not see instruments: scrape(….collector) of exporter-kit/testing reads them',
};

/** Files of tests, by the usual names. */
export const inTest = (path: string): boolean =>
  /(^|\/)(tests?|__tests__|spec)\/|\.(test|spec)\.[cm]?[jt]sx?$/.test(path);

function isProperty(node: ts.Node, name: string): boolean {
  return (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) && node.name.getText() === name;
}

/** An expression that may stand for a registry; not the name of something. */
function isReference(node: ts.Node): node is ts.Expression {
  if (ts.isPropertyAccessExpression(node)) return true;
  if (!ts.isIdentifier(node)) return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isBindingElement(parent) || ts.isTypeReferenceNode(parent) || ts.isImportClause(parent)) return false;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  return !('name' in parent && parent.name === node);
}
