import type { Exporter } from '../collect/exporter.ts';
import { pathText } from '../config/strict-yaml.ts';
import { masked } from '../serve/probe/mask.ts';
import { type ModuleIssue, type Modules, parseModules } from '../serve/probe/modules.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigPart } from './parts.ts';

/** The key `modules` of an exporter with probes, as blackbox_exporter's file has it; without it, the exporter's own. */
export function modulesPart({ probes, modules }: Exporter): ConfigPart {
  return {
    read(raw, where) {
      try {
        return parseModules(probes, raw ?? modules);
      } catch (error) {
        const { issues } = error as { issues?: readonly ModuleIssue[] };
        if (issues === undefined || raw === undefined) throw error;
        throw new ConfigError(
          issues.map(({ path, message }) => `${where(path.slice(1))}: ${pathText(path)}: ${message}`),
        );
      }
    },
    async schema() {
      const sections: { [prober: string]: object } = {};
      for (const { name, config } of probes) {
        if (config === undefined || !('_zod' in config)) continue;
        const { toJSONSchema } = await import('zod');
        const { $schema: _, ...shape } = toJSONSchema(config as never, { io: 'input', unrepresentable: 'any' });
        sections[name] = shape;
      }
      const module = {
        type: 'object',
        properties: { prober: { enum: probes.map(({ name }) => name) }, timeout: { type: 'string' }, ...sections },
        required: ['prober'],
        additionalProperties: false,
      };
      return { type: 'object', additionalProperties: module };
    },
    shown: (value) => masked(Object.fromEntries([...(value as Modules)].map(([name, { written }]) => [name, written]))),
  };
}
