import type { Logger } from '../../collect/context.ts';
import type { Group, Sink } from '../../push/sink.ts';
import { toEach } from './to-each.ts';

/** Takes a group away everywhere; that it is not there is fine. Returns the exit code. */
export function removeGroup(group: Group, sinks: readonly Sink[], log: Logger): Promise<number> {
  return toEach(sinks, log, 'deleted', async (sink, context) => {
    if (sink.remove === undefined) throw new Error(`${sink.name} keeps no groups, so there is nothing to delete.`);
    await sink.remove(group, context);
  });
}
