import type { Collector, SourceCollector } from '../collect/collector.ts';
import type { Context } from '../collect/context.ts';
import { systemResolve } from '../collect/resolve.ts';

/** A collector of a source, with a fake of its client. */
export interface FakedCollector<Client = unknown, Reading = unknown> {
  readonly collector: SourceCollector<Client, Reading>;
  readonly client: NoInfer<Client>;
  /** What `read` would return; without it, `read` asks the fake. */
  readonly reading?: NoInfer<Reading>;
}

/**
 * A collector that needs no source: each run asks the fake.
 *
 * @throws TypeError for a collector of a source without a fake.
 */
export function withFake(given: Collector | FakedCollector): Collector {
  if (!('collector' in given)) {
    if (given.source === undefined) return given;
    throw new TypeError(`collector ${given.name}: it reads source ${given.source.name}; give { collector, client }.`);
  }
  const { client } = given;
  const { source, ...collector } = given.collector;
  return {
    ...collector,
    async collect(writers: unknown, context: Context<unknown>) {
      const { signal, log } = context;
      const opened = { client, config: undefined, log, signal, resolve: systemResolve(signal) };
      const reading = 'reading' in given ? given.reading : await source.read(opened);
      const all = { signal, log, config: context.config, client, reading };
      await collector.collect(writers, all);
    },
  };
}
