import type { Logger } from '../../collect/context.ts';
import type { Sink, SinkContext } from '../../push/sink.ts';
import { exitCodes } from './exit-codes.ts';

/** What a sink may take in all; its own limits are tighter. */
const WHOLE_MS = 30_000;

/** Does something with each sink at once, and logs what went wrong. Returns the exit code. */
export async function toEach(
  sinks: readonly Sink[],
  log: Logger,
  done: string,
  act: (sink: Sink, context: SinkContext) => Promise<void>,
): Promise<number> {
  const signal = AbortSignal.timeout(WHOLE_MS);
  const worked = await Promise.all(
    sinks.map(async (sink) => {
      try {
        await act(sink, { log, signal });
        log.info({ sink: sink.name }, done);
        return true;
      } catch (error) {
        log.error({ sink: sink.name, err: error }, `not ${done}`);
        return false;
      }
    }),
  );
  return worked.every(Boolean) ? 0 : exitCodes.undelivered;
}
