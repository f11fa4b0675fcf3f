import { collector, type Gauge, gauge } from 'exporter-kit';
import { numberOf } from '../rows.ts';
import { postgres } from '../source.ts';

/** Settings of the server that are numbers or switches; sizes in bytes, times in seconds. */
export const settings = collector({
  name: 'settings',
  source: postgres,
  families: 'dynamic',
  async collect({ family }, { client, signal }) {
    const rows = await client.query(SQL, { signal });
    for (const { name, setting, unit } of rows) {
      if (name == null || setting == null) continue;
      const { metric, factor } = declare(name, unit ?? '');
      const value = setting === 'on' ? 1 : setting === 'off' ? 0 : numberOf(setting, name);
      // -1 means off, the default, or no limit.
      family(metric).set(value === -1 ? value : value * factor);
    }
  },
});

interface Declared {
  readonly metric: Gauge<[value: number]>;
  readonly factor: number;
}

// Servers have about 300, most of them the same.
const MOST_DECLARED = 10_000;
const declared = new Map<string, Declared>();

function declare(name: string, unit: string): Declared {
  const known = declared.get(`${name} ${unit}`);
  if (known !== undefined) return known;
  const [suffix, factor] = scale(unit);
  const family = `pg_settings_${name.replaceAll(/[^a-zA-Z0-9_]/g, '_')}${suffix}`;
  const help = `The setting ${name}${suffix === '' ? '' : `, in ${suffix.slice(1)}`}.`;
  const made = { metric: gauge({ name: family, help, waive: 'named after the setting' }), factor };
  if (declared.size === MOST_DECLARED) declared.clear();
  declared.set(`${name} ${unit}`, made);
  return made;
}

// Services such as Azure and Google have settings that say they are numbers, and are not.
const SQL = `
  SELECT name, setting, unit FROM pg_settings
  WHERE vartype = 'bool' OR vartype IN ('integer', 'real') AND setting ~ '^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$'`;

const units: { readonly [unit: string]: readonly [suffix: string, factor: number] } = {
  us: ['_seconds', 1e-6],
  ms: ['_seconds', 1e-3],
  s: ['_seconds', 1],
  min: ['_seconds', 60],
  h: ['_seconds', 3600],
  d: ['_seconds', 86_400],
  B: ['_bytes', 1],
  kB: ['_bytes', 2 ** 10],
  MB: ['_bytes', 2 ** 20],
  GB: ['_bytes', 2 ** 30],
  TB: ['_bytes', 2 ** 40],
};

/** The suffix of a setting's name and what its value is multiplied by: `8kB` gives `_bytes` and 8192. */
export function scale(unit: string): readonly [suffix: string, factor: number] {
  const [, amount = '', word = ''] = /^(\d*)(\w+)$/.exec(unit) ?? [];
  const known = units[word];
  return known === undefined ? ['', 1] : [known[0], known[1] * Number(amount || 1)];
}
