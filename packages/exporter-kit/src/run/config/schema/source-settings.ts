import type { Source } from '../../../collect/source/source.ts';
import type { Flag } from '../../flags/flag.ts';
import { type Setting, settingsOf } from './settings.ts';
import { hasSecret } from './shape.ts';

/** The settings of a source: those of a target, and the map of named targets. */
export interface SourceSettings {
  readonly source: Source;
  /** Settings of one target, or what named targets begin with: `--redis.addr`. */
  readonly base: readonly Setting[];
  /** The same settings below a target's name: `addr`. */
  readonly own: readonly Setting[];
  /** The map of named targets: `--redis.targets`; none for a source without settings. */
  readonly targets?: Flag;
  /** Whether `/probe` can run it, which needs no fixed target. */
  readonly probed: boolean;
}

/** @throws TypeError as `settingsOf` does. */
export async function sourceSettings(source: Source, probed: boolean): Promise<SourceSettings> {
  const { name, label, config } = source;
  const [base, own] = await Promise.all([settingsOf(config, [name]), settingsOf(config, [])]);
  if (base.length === 0) return { source, base, own, probed };
  const targets: Flag = {
    name: `${name}.targets`,
    type: 'json',
    value: 'JSON',
    help: `Several targets, as a map from the value of the label "${label}" to the settings above; what a target leaves out is taken from the settings above.`,
    ...(base.some(({ shape }) => hasSecret(shape)) ? { secret: true } : {}),
  };
  return { source, base, own, targets, probed };
}

/** All flags of sources, in the order of help. */
export function flagsOfSources(sources: readonly SourceSettings[]): Flag[] {
  return sources.flatMap(({ base, targets }) => [...base.map(({ flag }) => flag), ...(targets ? [targets] : [])]);
}

/**
 * @param others the other flags and top-level keys of the program.
 * @throws TypeError for a source whose name is that of other settings.
 */
export function checkSourceNames(sources: readonly SourceSettings[], others: readonly string[]): void {
  const taken = new Set([...KIT, ...others.map((name) => name.split('.')[0]!)]);
  const clash = sources.find(({ source }) => taken.has(source.name))?.source.name;
  if (clash !== undefined) {
    throw new TypeError(`source ${clash}: "${clash}" is the name of other settings; rename the source.`);
  }
}

// Names of the kit's settings, whether this program has them or not.
const KIT = [
  'collector',
  'config',
  'help',
  'job',
  'log',
  'modules',
  'once',
  'probe',
  'push',
  'shard',
  'version',
  'web',
];
