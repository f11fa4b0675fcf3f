import type { Flag } from './flag.ts';

/**
 * Flags as the tree of the config file: `web.listen-address` is `listen-address` below `web`. A flag that others stand
 * below, such as `collector.textfile`, is in the file the key itself (`textfile: false`) or `enabled` below it.
 */
export interface FlagTree {
  readonly flag?: Flag;
  readonly below: ReadonlyMap<string, FlagTree>;
}

/** The key for a flag's own value where others stand below it. */
export const ITSELF = 'enabled';

/** Makes the tree of the flags that a config file may have. */
export function treeOf(flags: readonly Flag[]): FlagTree {
  interface Growing extends FlagTree {
    flag?: Flag;
    readonly below: Map<string, Growing>;
  }
  const root: Growing = { below: new Map() };
  for (const flag of flags) {
    if (flag.commandLineOnly || flag.outsideFile) continue;
    let at = root;
    for (const step of flag.name.split('.')) {
      const next = at.below.get(step) ?? { below: new Map() };
      at.below.set(step, next);
      at = next;
    }
    at.flag = flag;
  }
  return root;
}

/** @throws TypeError when two of them have one name, as `--no-x` of a switch `x` and a flag `no-x`. */
export function checkFlags(flags: readonly Flag[]): void {
  const seen = new Set<string>();
  for (const { name, negatable } of flags) {
    const below = name.endsWith(`.${ITSELF}`) && seen.has(name.slice(0, -ITSELF.length - 1));
    const names = negatable ? [name, `no-${name}`] : [name];
    const taken = names.find((one) => seen.has(one));
    if (taken !== undefined || below) {
      throw new TypeError(
        `config: --${taken ?? name} would be two flags, a setting's and another's; rename the setting.`,
      );
    }
    for (const one of names) seen.add(one);
  }
}
