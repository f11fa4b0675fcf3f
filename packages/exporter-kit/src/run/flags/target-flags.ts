import { parseShard, type Shard } from '../../collect/source/shard.ts';
import type { OpenTargetsOptions } from '../../probe/open-targets.ts';
import { type FlagsOf, flag } from './flag.ts';
import { duration, wholeNumber } from './forms.ts';

/** How many of its targets an exporter has. */
export interface ShardValues {
  readonly shard: Shard;
}

/** Flags of exporters with sources or probes. */
export const shardFlags: FlagsOf<ShardValues> = {
  shard: flag({
    name: 'shard',
    help: 'Share of the fixed targets, and of those listed at /-/sd, such as 1/2 for the first of two exporters.',
    default: { index: 1, of: 1 },
    value: 'I/N',
    parse: parseShard,
    write: ({ index, of }) => `${index}/${of}`,
  }),
};

/** How long probed targets stay open. */
export type OpenTargetValues = Required<Pick<OpenTargetsOptions, 'idleTimeoutMs' | 'maxIdle'>>;

/** Flags of exporters that probe sources. */
export const openTargetFlags: FlagsOf<OpenTargetValues> = {
  idleTimeoutMs: flag({
    name: 'probe.idle-timeout',
    help: 'How long an unused target of a probed source stays open.',
    default: 300_000,
    ...duration(1),
  }),
  maxIdle: flag({
    name: 'probe.max-idle',
    help: 'Maximum unused targets of probed sources that stay open; beyond it, the longest unused is closed.',
    default: 100,
    ...wholeNumber(0, 999_999),
  }),
};
