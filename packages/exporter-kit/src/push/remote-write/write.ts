import { connectionTo } from '../http/connection.ts';
import type { Endpoint } from '../http/endpoint.ts';
import type { Answer } from '../http/exchange.ts';
import { send } from '../http/send.ts';
import { reportRefusals, type Sending } from '../http/series-sink.ts';
import { isPermanentFailure } from '../permanent-failure.ts';
import type { Delivery, SinkContext } from '../sink.ts';
import { type Batch, type BatchLimits, batchesOf, type Part } from './batches.ts';
import { isKnownToLack, judgeWrite, rememberLack, type Verdict } from './receiver.ts';
import type { Protocol, Version } from './request.ts';
import { remoteWrite1 } from './request-1.ts';
import { remoteWrite2 } from './request-2.ts';

/** How a delivery is written. */
export interface WriteOptions extends BatchLimits, Sending {
  readonly endpoint: Endpoint;
  readonly version: 'auto' | Version;
  readonly nativeHistograms: boolean | undefined;
}

/** A request that the engine knew what to do with. */
interface Answered extends Pick<Batch, 'series'> {
  /** Why its samples were not accepted. */
  readonly refusal?: unknown;
}

/**
 * Writes a delivery by 2.0; the rest of it by 1.0 once the engine has shown that it does not take 2.0.
 *
 * @throws Error with the engine's message; a permanent failure if it rejects samples.
 */
export async function writeDelivery(delivery: Delivery, context: SinkContext, options: WriteOptions): Promise<void> {
  const { endpoint, version, nativeHistograms, limits } = options;
  const { log, signal } = context;
  const connection = await connectionTo(endpoint);
  const answered: { readonly [P in Part]: Answered[] } = { classic: [], native: [] };

  function lack(what: Verdict, hint: string): void {
    if (what === 'written' || isKnownToLack(endpoint, what)) return;
    rememberLack(endpoint, what);
    log.warn({ sink: endpoint.name }, `engine does not take ${what}; ${hint}`);
  }

  async function sendBatch(protocol: Protocol, part: Part, { body, series }: Batch): Promise<Verdict> {
    const message = { method: 'POST', headers: protocol.headers, body } as const;
    const judged = (answer: Answer): Verdict => judgeWrite(answer, protocol, series);
    try {
      const verdict = await send(connection, message, judged, limits);
      if (verdict === 'written') answered[part].push({ series });
      return verdict;
    } catch (refusal) {
      // Samples in the other requests may still be accepted.
      if (!isPermanentFailure(refusal)) throw refusal;
      answered[part].push({ series, refusal });
      return 'written';
    }
  }

  /** Sends what was not answered yet; returns whether the engine takes the protocol. */
  async function sendBy(protocol: Protocol): Promise<boolean> {
    const takesNatives = nativeHistograms !== false && !isKnownToLack(endpoint, 'native histograms');
    const parts: Part[] = takesNatives ? ['classic', 'native'] : ['classic'];
    // Those that have classic buckets as well are not lost without.
    const alone = (part: Part): boolean =>
      part === 'native' && protocol.version === '1.0' && nativeHistograms === undefined;
    // Everything is encoded before anything is sent, so that an encoding error sends nothing.
    const batches = await Promise.all(
      parts.map((part) => {
        const selection = { part, alone: alone(part), from: alone(part) ? 0 : seriesIn(answered[part]) };
        return batchesOf(delivery, protocol, selection, options, signal);
      }),
    );
    for (const [i, part] of parts.entries()) {
      for (const batch of batches[i]!) {
        const verdict = await sendBatch(protocol, part, batch);
        if (verdict === 'remote write 2.0') return false;
        if (verdict === 'native histograms') {
          lack(verdict, 'only their classic buckets are written; set nativeHistograms: false, or enable them there');
          break;
        }
      }
    }
    return true;
  }

  const isOlder = version === '1.0' || (version === 'auto' && isKnownToLack(endpoint, 'remote write 2.0'));
  if (isOlder || !(await sendBy(remoteWrite2))) {
    if (version === '2.0') throw new Error(ONLY_1);
    if (!isOlder) lack('remote write 2.0', 'writing by 1.0 from now on');
    await sendBy(remoteWrite1);
  }
  const requests = [...answered.classic, ...answered.native];
  const refused = requests.filter(({ refusal }) => refusal !== undefined);
  const share = `${refused.length} of ${requests.length} requests, with ${seriesIn(refused)} series, were not accepted`;
  reportRefusals(
    refused.map(({ refusal }) => refusal),
    requests.length,
    share,
  );
}

const ONLY_1 = 'does not take remote write 2.0, and has written nothing; leave version out, or set it to 1.0.';

const seriesIn = (requests: readonly Answered[]): number => requests.reduce((sum, { series }) => sum + series, 0);
