import type { Asked } from './asked.ts';

/**
 * The expressions of a file of alerting and recording rules, or of the operator's PrometheusRule.
 *
 * @throws Error naming the file and the line, if it is not one.
 */
export async function askedInRules(text: string, file: string): Promise<Asked[]> {
  const { LineCounter, isMap, isScalar, isSeq, parseAllDocuments } = await import('yaml');
  const lines = new LineCounter();
  const asked: Asked[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines })) {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${file}: not YAML; ${error.message.split('\n')[0]}`, { cause: error });
    const groups = document.getIn(['spec', 'groups']) ?? document.getIn(['groups']);
    if (!isSeq(groups)) {
      throw new Error(
        `${file}: no list of groups; lintViews takes rules files of Prometheus, and PrometheusRule objects.`,
      );
    }
    for (const group of groups.items) {
      if (!isMap(group)) continue;
      const rules = group.get('rules');
      for (const rule of isSeq(rules) ? rules.items : []) {
        if (!isMap(rule)) continue;
        const { alert, record, expr, ...rest } = rule.toJSON() as WrittenRule;
        const node = rule.get('expr', true);
        const line = isScalar(node) ? lines.linePos(node.range?.[0] ?? 0).line : undefined;
        asked.push({
          file,
          place: `group ${group.get('name')}, ${alert === undefined ? `record ${record}` : `alert ${alert}`}`,
          ...(line === undefined ? {} : { line }),
          use: alert === undefined ? 'record' : 'alert',
          text: String(expr ?? ''),
          ...(record === undefined ? {} : { record }),
          held: String(rest.for ?? ''),
          labels: texts(rest.labels),
          annotations: texts(rest.annotations),
        });
      }
    }
  }
  return asked;
}

interface WrittenRule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr?: unknown;
  readonly for?: unknown;
  readonly labels?: object;
  readonly annotations?: object;
}

const texts = (object: object | undefined): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(object ?? {}).map(([name, value]) => [name, String(value)]));
