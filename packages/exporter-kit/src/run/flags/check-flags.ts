import { ITSELF } from './flag-tree.ts';
import type { Flag } from './flags.ts';

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
