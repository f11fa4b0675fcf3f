import type { ResolvedTargets } from './targets.ts';

/** One of several exporters that share the same targets. */
export interface Shard {
  /** From 1 to `of`. */
  readonly index: number;
  readonly of: number;
}

/** @throws Error for anything but `i/n`. */
export function parseShard(text: string): Shard {
  const [, index, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of) return shard;
  throw new Error(`${JSON.stringify(text)} is not a share; write 1/2 for the first of two, 2/2 for the second.`);
}

/**
 * Whether a target is this shard's, by rendezvous hashing: each shard scores the target, the highest score has it. A target
 * stays where it is when others come and go; another number of shards moves only the targets that a new shard gets, or a
 * removed one had. (A hash modulo `of` would move nearly all, and reopen their connections.)
 */
export function isInShard({ index, of }: Shard, target: string): boolean {
  if (of === 1) return true;
  // Loaded here: it takes a while, and few exporters are shards.
  const { createHash } = process.getBuiltinModule('node:crypto');
  let [best, most] = [1, -1];
  for (let one = 1; one <= of; one++) {
    const score = createHash('sha1').update(`${one}\0${target}`).digest().readUIntBE(0, 6);
    if (score > most) [best, most] = [one, score];
  }
  return best === index;
}

/** How requests name a fixed target: by its name, or its source's where it is the only one. */
export const selectedBy = (source: { readonly name: string }, target: { readonly name?: string }): string =>
  target.name ?? source.name;

/** The fixed targets of one shard. */
export function targetsInShard(targets: ResolvedTargets, shard: Shard): ResolvedTargets {
  if (shard.of === 1) return targets;
  return new Map(
    Array.from(targets, ([source, theirs]) => [
      source,
      theirs.filter((target) => isInShard(shard, selectedBy(source, target))),
    ]),
  );
}
