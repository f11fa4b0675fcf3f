import type { Collector } from '../collect/collector.ts';
import type { Probe } from '../collect/probe.ts';
import type { Source } from '../collect/source/source.ts';
import { messageOf, property } from '../errors/thrown.ts';
import { parseGoDuration } from '../time/duration.ts';
import { nearest } from '../yaml/nearest.ts';
import { problemsOf } from '../yaml/problems.ts';
import { parseRule } from './rule.ts';
import { sourceModule } from './source-module.ts';

/** A named configuration of a prober. */
export type Module = ProbeModule | SourceModule;

/** What modules of all probers have. */
export interface CommonModule {
  readonly name: string;
  /** Timeout of its runs; default: the scraper's timeout. */
  readonly timeoutMs?: number;
  /** Rules as in `GuardOptions`: its targets, if they are limited. */
  readonly targets?: readonly string[];
  /** As written. */
  readonly written: unknown;
  /** Secrets in it, besides values of keys that look secret. */
  readonly secrets?: readonly string[];
}

/** A named configuration of a probe. */
export interface ProbeModule extends CommonModule {
  readonly probe: Probe;
  /** Its settings, parsed by the probe's `config`. */
  readonly config: unknown;
}

/** A named configuration of a source. */
export interface SourceModule extends CommonModule {
  readonly source: Source;
  /** Input of the source's `config.parse()`, without the setting that the request's target fills. */
  readonly settings: { readonly [key: string]: unknown };
  /** Names of the collectors to run; default: the enabled ones. */
  readonly collectors?: readonly string[];
  /** Whether its settings hold a secret, which must not be sent anywhere else than to its `targets`. */
  readonly isSecret: boolean;
}

/** The name of what runs a module. */
export const proberOf = (module: Module): string => ('source' in module ? module.source : module.probe).name;

/** Modules by name, in the order of the file. */
export type Modules = ReadonlyMap<string, Module>;

/** What is wrong with modules, and where: a path from `modules` on. */
export interface ModuleIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Unknown keys at that path. */
  readonly keys?: readonly string[];
}

/** Makes the issue for a key of a module. */
export type Refuse = (path: ModuleIssue['path'], message: string) => void;

export type Written = { readonly [key: string]: unknown };

/**
 * Reads modules as blackbox_exporter's file has them:
 * `{ http_2xx: { prober: 'http', timeout: '5s', http: { method: 'GET' } } }`. Without any, each prober is a module under its
 * own name, unless it is a source that lacks settings.
 *
 * @param collectors those that modules of sources may name; default: any.
 * @throws Error with all that is wrong, each with the path of its key; also as `issues`.
 */
export function parseModules(
  probers: readonly (Probe | Source)[],
  written?: unknown,
  collectors?: readonly Collector[],
): Modules {
  const issues: ModuleIssue[] = [];
  const modules = new Map<string, Module>();
  const all = written ?? Object.fromEntries(probers.map(({ name }) => [name, { prober: name }]));
  if (!isRecord(all)) issues.push({ path: ['modules'], message: 'must be a map of modules by name.' });
  for (const [name, one] of Object.entries(isRecord(all) ? all : {})) {
    const found: ModuleIssue[] = [];
    const module = moduleOf(name, one, probers, collectors, found);
    if (module !== undefined && found.length === 0) modules.set(name, module);
    if (written === undefined && isOfSource(one, probers)) continue;
    issues.push(...found.map((issue) => ({ ...issue, path: ['modules', name, ...issue.path] })));
  }
  if (written !== undefined && issues.length === 0 && modules.size === 0) {
    issues.push({ path: ['modules'], message: 'has no module; add one.' });
  }
  if (issues.length === 0) return modules;
  const error = new Error(issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  throw Object.assign(error, { issues });
}

const isOfSource = (one: unknown, probers: readonly (Probe | Source)[]): boolean =>
  isRecord(one) && probers.some((prober) => 'read' in prober && prober.name === one.prober);

function moduleOf(
  name: string,
  one: unknown,
  probers: readonly (Probe | Source)[],
  collectors: readonly Collector[] | undefined,
  issues: ModuleIssue[],
): Module | undefined {
  const names = probers.map((known) => known.name);
  const refuse: Refuse = (path, message) => void issues.push({ path, message });
  if (!isRecord(one)) {
    refuse([], `must be a map; write "prober: ${names[0]}" below it.`);
    return undefined;
  }
  const prober = probers.find((known) => known.name === one.prober);
  if (prober === undefined) {
    const message = one.prober === undefined ? 'is missing' : `${JSON.stringify(one.prober)} is unknown`;
    refuse(['prober'], `${message}; known: ${names.join(', ')}.`);
    return undefined;
  }
  const keys = ['prober', 'timeout', 'targets', ...('read' in prober ? ['collectors'] : []), prober.name];
  for (const key of Object.keys(one).filter((each) => !keys.includes(each))) {
    const near = nearest(key, keys);
    refuse([key], `is unknown; ${near === undefined ? `known: ${keys.join(', ')}.` : `did you mean ${near}?`}`);
  }
  const timeoutMs = timeoutOf(one.timeout, refuse);
  const targets = targetsOf(one.targets, refuse);
  const common = {
    name,
    ...(timeoutMs > 0 ? { timeoutMs } : {}),
    ...(targets === undefined ? {} : { targets }),
    written: one,
  };
  if ('read' in prober) return sourceModule(common, prober, one, collectors, refuse);
  if (prober.targets === 'names' && targets !== undefined) {
    refuse(['targets'], `targets of ${prober.name} are not hosts; remove the key.`);
  }
  return probeModule(common, prober, one, issues);
}

function probeModule(
  common: CommonModule,
  probe: Probe,
  written: Written,
  issues: ModuleIssue[],
): ProbeModule | undefined {
  try {
    const config = probe.config?.parse(written[probe.name] ?? {});
    if (probe.config === undefined && written[probe.name] !== undefined) {
      issues.push({ path: [probe.name], message: 'this probe has no settings; remove the key.' });
    }
    return { ...common, probe, config };
  } catch (error) {
    const theirs = property(error, 'issues');
    const problems = Array.isArray(theirs) ? problemsOf(theirs) : [{ path: [], why: messageOf(error) }];
    issues.push(...problems.map(({ path, why, ...keys }) => ({ path: [probe.name, ...path], message: why, ...keys })));
    return undefined;
  }
}

/** As in blackbox_exporter, 0 and less is no limit. */
function timeoutOf(written: unknown, refuse: Refuse): number {
  if (written === undefined || written === null) return 0;
  try {
    if (typeof written !== 'string') throw new Error('is not a duration; write 15s, 1m30s or 1.5s.');
    return Math.max(0, parseGoDuration(written));
  } catch (error) {
    refuse(['timeout'], messageOf(error));
    return 0;
  }
}

function targetsOf(written: unknown, refuse: Refuse): readonly string[] | undefined {
  if (written === undefined) return undefined;
  if (!Array.isArray(written) || written.length === 0) {
    refuse(['targets'], 'must be a list of rules, such as ["*.example.com:6379"].');
    return undefined;
  }
  for (const [i, rule] of written.entries()) {
    try {
      parseRule(rule);
    } catch (error) {
      refuse(['targets', i], messageOf(error));
    }
  }
  return written;
}

const isRecord = (value: unknown): value is Written =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
