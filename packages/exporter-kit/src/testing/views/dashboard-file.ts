import type { Asked } from './asked.ts';

/**
 * The expressions of a dashboard in Grafana's classic schema, as exported, or within `dashboard` as its API has it.
 *
 * @throws Error naming the file, if it is not one.
 */
export function askedInDashboard(text: string, file: string): Asked[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file}: not JSON; ${(cause as Error).message}`, { cause });
  }
  const found = isObject(parsed) && isObject(parsed.dashboard) ? parsed.dashboard : parsed;
  if (!isObject(found) || (!Array.isArray(found.panels) && !Array.isArray(found.rows))) {
    const isNew = isObject(found) && ('elements' in found || 'spec' in found);
    const why = isNew ? 'schema v2; export it as classic' : 'no list of panels';
    throw new Error(`${file}: ${why}; lintViews takes dashboards of Grafana's classic schema.`);
  }
  return panelsIn(found).flatMap((panel) => askedInPanel(panel, file));
}

type Json = { readonly [key: string]: unknown };
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Also those in collapsed rows, and in rows of before Grafana 5. */
function panelsIn(one: Json): Json[] {
  return [...listOf(one.panels), ...listOf(one.rows)].flatMap((panel) => [panel, ...panelsIn(panel)]);
}

function askedInPanel(panel: Json, file: string): Asked[] {
  const unit = unitOf(panel);
  return listOf(panel.targets).flatMap((target, i): Asked[] => {
    const { expr, legendFormat, refId = String.fromCharCode(65 + i), instant, datasource } = target;
    const type = isObject(datasource) ? datasource.type : undefined;
    if (typeof expr !== 'string' || expr === '' || (typeof type === 'string' && !/prometheus|victoria|\$/.test(type)))
      return [];
    return [
      {
        file,
        place: `panel ${panel.title || panel.id}, query ${refId}`,
        use: 'panel',
        text: expr,
        ...(typeof legendFormat === 'string' && legendFormat !== '__auto' ? { legend: legendFormat } : {}),
        ...(unit === undefined ? {} : { unit }),
        isInstant: instant === true,
      },
    ];
  });
}

/** The unit of all its series; a heatmap's is that of the buckets. */
function unitOf({ type, fieldConfig }: Json): string | undefined {
  if (type === 'heatmap' || type === 'table' || !isObject(fieldConfig)) return undefined;
  const { defaults, overrides } = fieldConfig;
  const overridden = listOf(overrides)
    .flatMap(({ properties }) => listOf(properties))
    .some(({ id }) => id === 'unit');
  const unit = isObject(defaults) ? defaults.unit : undefined;
  return overridden || typeof unit !== 'string' ? undefined : unit;
}
