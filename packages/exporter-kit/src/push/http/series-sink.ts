import { messageOf } from '../../errors/thrown.ts';
import { checkClashes, checkGroup } from '../group.ts';
import type { Delivery, Sink, SinkContext } from '../sink.ts';
import type { Endpoint, EndpointOptions } from './endpoint.ts';
import type { Limits } from './send.ts';

/** Connection settings, time limits and the size of requests, for a server that keeps series. */
export interface SeriesSinkOptions extends EndpointOptions {
  /** Time limit for a whole delivery, attempts and pauses included; default 15 000. */
  readonly timeoutMs?: number;
  /** Time limit for one attempt, from the first byte sent to the last one read; default 10 000. */
  readonly attemptTimeoutMs?: number;
  /** The most bytes in one request, before compression; default 1 000 000. */
  readonly maxBytes?: number;
}

/** How one delivery is sent. */
export interface Sending {
  /** Of all its samples; later than that of the delivery before. */
  readonly timeMs: number;
  readonly maxBytes: number;
  readonly limits: Limits;
}

/**
 * A sink for a server that keeps series, no groups: nothing is replaced or removed, and all samples of a delivery have its
 * time.
 *
 * @param most the most series in one request, by the name of the option.
 * @param write sends a delivery whose group is valid, and fits its series.
 * @throws TypeError for an invalid limit.
 */
export function seriesSink(
  { name }: Endpoint,
  { timeoutMs = 15_000, attemptTimeoutMs = 10_000, maxBytes = 1_000_000 }: SeriesSinkOptions,
  most: { readonly [option: string]: number },
  write: (delivery: Delivery, context: SinkContext, sending: Sending) => Promise<void>,
): Sink {
  for (const [option, value] of Object.entries({ timeoutMs, attemptTimeoutMs, maxBytes, ...most })) {
    if (!(value >= 1)) throw new TypeError(`${name}: ${option} must be at least 1, not ${value}.`);
  }
  let last = 0;
  return {
    name,
    modes: [],
    async deliver(delivery, context) {
      const limits = { deadline: performance.now() + timeoutMs, attemptMs: attemptTimeoutMs, signal: context.signal };
      try {
        checkGroup(delivery);
        checkClashes(delivery);
        // Always increasing, also for two quick deliveries or when the clock is set back a little.
        last = Math.max(Date.now(), last + 1);
        await write(delivery, context, { timeMs: last, maxBytes, limits });
      } catch (cause) {
        throw new Error(`${name}: ${messageOf(cause)}`, { cause });
      }
    },
  };
}

/**
 * Reports requests that were not accepted, after the others were sent.
 *
 * @param share which part of the delivery they are, for more requests than one.
 * @throws what the first one was refused with.
 */
export function reportRefusals(refusals: readonly unknown[], requests: number, share: string): void {
  if (refusals.length === 0) return;
  const [cause] = refusals;
  if (requests === 1) throw cause;
  throw new Error(`${share}; the first: ${messageOf(cause)}`, { cause });
}
