import type { Probe } from '../collect/probe.ts';
import { messageOf, property } from '../errors/thrown.ts';
import { parseGoDuration } from '../time/duration.ts';
import { nearest } from '../yaml/nearest.ts';
import { problemsOf } from '../yaml/problems.ts';

/** A named configuration of a probe. */
export interface Module {
  readonly name: string;
  readonly probe: Probe;
  /** Timeout of its runs; default: the scraper's timeout. */
  readonly timeoutMs?: number;
  /** Its settings, parsed by the probe's `config`. */
  readonly config: unknown;
  /** Its settings as written. */
  readonly written: unknown;
  /** Secrets in them, besides values of keys that look secret. */
  readonly secrets?: readonly string[];
}

/** Modules by name, in the order of the file. */
export type Modules = ReadonlyMap<string, Module>;

/** What is wrong with modules, and where: a path from `modules` on. */
export interface ModuleIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Of keys that are unknown there. */
  readonly keys?: readonly string[];
}

/**
 * Reads modules as blackbox_exporter's file has them:
 * `{ http_2xx: { prober: 'http', timeout: '5s', http: { method: 'GET' } } }`. Without any, each probe is a module under its own
 * name.
 *
 * @throws Error with all that is wrong, each with the path of its key; also as `issues`.
 */
export function parseModules(probes: readonly Probe[], written?: unknown): Modules {
  const issues: ModuleIssue[] = [];
  const modules = new Map<string, Module>();
  const all = written ?? Object.fromEntries(probes.map(({ name }) => [name, { prober: name }]));
  if (!isRecord(all)) issues.push({ path: ['modules'], message: 'is to be a map of modules by name.' });
  for (const [name, one] of Object.entries(isRecord(all) ? all : {})) {
    const found: ModuleIssue[] = [];
    const module = moduleOf(name, one, probes, found);
    if (module !== undefined && found.length === 0) modules.set(name, module);
    issues.push(...found.map((issue) => ({ ...issue, path: ['modules', name, ...issue.path] })));
  }
  if (issues.length === 0 && modules.size === 0) issues.push({ path: ['modules'], message: 'has none; name one.' });
  if (issues.length === 0) return modules;
  const error = new Error(issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  throw Object.assign(error, { issues });
}

function moduleOf(name: string, one: unknown, probes: readonly Probe[], issues: ModuleIssue[]): Module | undefined {
  const names = probes.map((known) => known.name);
  if (!isRecord(one)) {
    issues.push({ path: [], message: `is to be a map; write "prober: ${names[0]}" below it.` });
    return undefined;
  }
  const probe = probes.find((known) => known.name === one.prober);
  if (probe === undefined) {
    const message = one.prober === undefined ? 'is missing' : `${JSON.stringify(one.prober)} is not known here`;
    issues.push({ path: ['prober'], message: `${message}; there are ${names.join(', ')}.` });
    return undefined;
  }
  const keys = ['prober', 'timeout', probe.name];
  for (const key of Object.keys(one).filter((each) => !keys.includes(each))) {
    const near = nearest(key, keys);
    const hint = near === undefined ? `there are ${keys.join(', ')}` : `perhaps ${near} is meant`;
    issues.push({ path: [key], message: `is not known here; ${hint}.` });
  }
  const timeoutMs = timeoutOf(one.timeout, issues);
  try {
    const config = probe.config?.parse(one[probe.name] ?? {});
    if (probe.config === undefined && one[probe.name] !== undefined) {
      issues.push({ path: [probe.name], message: 'this probe has no settings; leave it out.' });
    }
    return { name, probe, ...(timeoutMs > 0 ? { timeoutMs } : {}), config, written: one };
  } catch (error) {
    const theirs = property(error, 'issues');
    const problems = Array.isArray(theirs) ? problemsOf(theirs) : [{ path: [], why: messageOf(error) }];
    issues.push(...problems.map(({ path, why, ...keys }) => ({ path: [probe.name, ...path], message: why, ...keys })));
    return undefined;
  }
}

/** What is not above 0 is no limit, as blackbox_exporter has it. */
function timeoutOf(written: unknown, issues: ModuleIssue[]): number {
  if (written === undefined || written === null) return 0;
  try {
    if (typeof written !== 'string') throw new Error('is not a duration; write 15s, 1m30s or 1.5s.');
    return Math.max(0, parseGoDuration(written));
  } catch (error) {
    issues.push({ path: ['timeout'], message: messageOf(error) });
    return 0;
  }
}

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
