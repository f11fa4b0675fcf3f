import { ts } from 'ts-morph';
import { type Application, eachNode } from './application.ts';
import type { FoundMetric } from './found-metrics.ts';
import { type KeyedMetric, type LiveNames, liveCall, metricsObject } from './live-file.ts';
import { localName } from './rewrite.ts';

const words = (text: string): string[] => text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').match(/[A-Za-z0-9]+/g) ?? [];
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();

function camel(text: string): string {
  const [first = 'app', ...rest] = words(text);
  const name = first.toLowerCase() + rest.map(capital).join('');
  return /^\d/.test(name) ? `app${name}` : name;
}

/** Names for the live value and what serves it: those of an earlier run, or ones that no file uses. */
export function namesFor(app: Application, earlier?: ts.SourceFile): LiveNames & { readonly snake: string } {
  const word = words(camel(app.name)).join('_').toLowerCase();
  // Collectors of one exporter have different names; `registry` is that of fromRegistry.
  const named = new RegExp(`\\bname: *['"]${word}['"]`);
  const taken = word === 'registry' || app.files.some((file) => file !== earlier && named.test(file.text));
  const snake = taken ? `${word}_live` : word;
  const used = new Set<string>();
  for (const file of app.files) {
    if (file === earlier) continue;
    eachNode(file, (node) => {
      if (ts.isIdentifier(node)) used.add(node.text);
    });
  }
  const all = (live: string): LiveNames => ({ live, exporter: `${live}Exporter`, text: `${live}Text` });
  if (earlier !== undefined)
    return { ...all((liveCall(earlier)!.parent as ts.VariableDeclaration).name.getText()), snake };
  const base = camel(app.name);
  for (let i = 1; ; i++) {
    for (const name of [base, `${base}Metrics`, `${base}Live`]) {
      const names = all(i === 1 ? name : `${name}${i}`);
      if (!reserved.has(names.live) && !Object.values(names).some((each) => used.has(each))) return { ...names, snake };
    }
  }
}

const reserved = new Set(
  'await break case catch class const continue counter debugger default delete do else enum export exporter extends false finally for function gauge handlers histogram if import in live new null package return static super switch this throw true try typeof var void while with yield let fromRegistry fetchHandler withLabels'.split(
    ' ',
  ),
);

/** A key for each metric: the name of its variable or property, or one made of the metric's name. */
export function keysOf(metrics: readonly FoundMetric[], earlier?: ts.SourceFile): KeyedMetric[] {
  const properties = earlier === undefined ? undefined : metricsObject(earlier)?.properties;
  const taken = new Set<string>(['collector', ...(properties ?? []).map((each) => each.name?.getText() ?? '')]);
  return metrics.map((metric) => {
    const name = localName(metric) ?? '';
    const base = /^[A-Za-z_$][\w$]*$/.test(name) ? name : camel(metric.name);
    let key = base;
    if (taken.has(key)) key = camel(metric.name);
    for (let i = 2; taken.has(key); i++) key = `${base}${i}`;
    taken.add(key);
    return { key, metric };
  });
}
