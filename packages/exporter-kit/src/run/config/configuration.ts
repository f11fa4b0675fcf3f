import { dirname, resolve } from 'node:path';
import type { Collector } from '../../collect/collector.ts';
import { parseDuration } from '../../time/duration.ts';
import type { YamlScalar } from '../../yaml/go-scalars.ts';
import { type Flag, type FlagValues, readArguments, readEnvironment } from '../flags/flags.ts';
import { probeOptions } from '../flags/probe-flags.ts';
import { logOptions } from '../flags/standard-flags.ts';
import { checked, webOptions } from '../flags/web-flags.ts';
import type { LogOptions } from '../process/log.ts';
import { attempts, problemsOf } from './config-error.ts';
import { readConfig } from './config-file.ts';
import type { PartSecrets } from './config-sections.ts';
import { overlay } from './config-sources.ts';
import { declare, type Sources } from './declared.ts';
import { readSecrets, secretFiles, type WithSecrets } from './secrets.ts';
import { assemble, parseSettings, type Setting } from './settings.ts';
import type { FilesRead } from './watched-file.ts';

/** A whole configuration, checked. */
export interface Configuration {
  readonly flags: readonly Flag[];
  readonly settings: readonly Setting[];
  readonly said: WithSecrets;
  /** What the exporter's own config was parsed from. */
  readonly own: unknown;
  /** All collectors there are under that config. */
  readonly collectors: readonly Collector[];
  /** Those that run. */
  readonly running: readonly Collector[];
  /** Settings of each collector by its name, for its `config.parse()`. */
  readonly collectorSettings: { readonly [collector: string]: unknown };
  /** What that has made of them. */
  readonly configs: ReadonlyMap<Collector, unknown>;
  /** Whether to leave out what is about the exporter itself. */
  readonly bare: boolean;
  readonly web: ReturnType<typeof webOptions>;
  readonly probing: ReturnType<typeof probeOptions>;
  readonly log: LogOptions;
  readonly drainDelayMs: number;
  /** What the parts made of their keys. */
  readonly parts: ReadonlyMap<string, unknown>;
  /** All files it was read from. */
  readonly files: FilesRead;
}

/**
 * Reads everything that has a say, and checks it. Where an earlier configuration gave the exporter the same config, its
 * collectors are taken over.
 *
 * @throws ConfigError or UsageError with all that is wrong, as far as it can be told; without secrets.
 */
export async function configure(sources: Sources, earlier?: Configuration): Promise<Configuration> {
  const { exporter, port, argv, env, parts, secrets } = sources;
  const read = secretFiles();
  const declared = await declare(sources, read, earlier);
  const { flags, settings, collectors, theirs, file } = declared;
  const given = readArguments(flags, argv);
  const says = file && readConfig(file, flags, parts);
  const raw = overlay(exporter.name, given, readEnvironment(exporter.name, flags, env), says);
  const said = await readSecrets(settings, raw, secrets, read);
  const { values, nameOf } = said;
  const all = attempts(nameOf);
  all.note(says?.problems ?? []);
  const bare = values.get('web.disable-exporter-metrics') === true;
  const running = collectors.filter((collector) => isEnabled(collector, values) && !(bare && collector.auxiliary));
  const configs = new Map<Collector, unknown>();
  for (const collector of collectors) {
    const { name, config } = collector;
    // Of a collector that does not run, what is said must make sense, and nothing need be said.
    const isSaid = theirs.some((one) => one.path[1] === name && values.has(one.flag.name));
    if (config === undefined || !(isSaid || running.some((one) => one.name === name))) continue;
    configs.set(
      collector,
      all.try(() => parseSettings(config, theirs, values, ['collector', name], nameOf)),
    );
  }
  const web = all.try(() => {
    const options = webOptions(port, values);
    return { ...options, webFile: options.webFile && said.pathOf('web.config.file', options.webFile) };
  });
  const probing = all.try(() => probeOptions(values));
  const log = all.try(() => logOptions(values));
  const delay = String(values.get('web.drain-delay') ?? '0s');
  const drainDelayMs = all.try(() => checked<number>('web.drain-delay', delay, parseDuration));
  const sections = new Map<string, unknown>();
  const about: PartSecrets = {
    secrets,
    read,
    pathOf: (path) => (file === undefined ? path : resolve(dirname(file.path), path)),
  };
  for (const [key, part] of Object.entries(parts)) {
    const where = (below: readonly (string | number)[]): string => file?.yaml.where([key, ...below]) ?? key;
    const written = (below: readonly (string | number)[]): YamlScalar | undefined => {
      const [path, yaml] = [[key, ...below], file?.yaml];
      const text = yaml?.written(path);
      return text === undefined ? undefined : { text, plain: yaml!.plain(path) };
    };
    try {
      sections.set(key, await part.read(says?.parts.get(key), where, about, written));
    } catch (error) {
      all.note(problemsOf(error));
    }
  }
  all.end();
  const { collector: collectorSettings = {} } = assemble(theirs, values) as { collector?: { [name: string]: unknown } };
  return {
    flags,
    settings,
    said,
    own: declared.own,
    collectors,
    running,
    collectorSettings,
    configs,
    bare,
    web: web!,
    probing: probing!,
    log: log!,
    drainDelayMs: drainDelayMs!,
    parts: sections,
    files: new Map([...(file === undefined ? [] : [[file.path, file.digest] as const]), ...read.files]),
  };
}

function isEnabled({ name, enabled }: Collector, values: FlagValues): boolean {
  const said = values.get(`collector.${name}`);
  if (said !== undefined) return said === true;
  return enabled && values.get('collector.disable-defaults') !== true;
}
