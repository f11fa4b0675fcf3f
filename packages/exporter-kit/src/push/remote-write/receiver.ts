import type { Endpoint } from '../http/endpoint.ts';
import type { Answer } from '../http/exchange.ts';
import { judge } from '../http/send.ts';
import { permanentFailure } from '../permanent-failure.ts';
import type { Protocol } from './request.ts';

/** What an engine has shown that it does not take. */
export type Lack = 'remote write 2.0' | 'native histograms';

// By URL: what one sink has learnt holds for all of the process.
const lacks = new Map<string, Set<Lack>>();

/** Of more engines, it is learnt again each time; a program writes to a few. */
const MOST = 1000;

/** Whether an engine is known to lack something. */
export const isKnownToLack = ({ url }: Endpoint, what: Lack): boolean => lacks.get(url.href)?.has(what) ?? false;

/** Remembers what an engine lacks. */
export function rememberLack({ url }: Endpoint, what: Lack): void {
  const known = lacks.get(url.href);
  if (known !== undefined) known.add(what);
  else if (lacks.size < MOST) lacks.set(url.href, new Set([what]));
}

/** What became of a request: it was written, or nothing of it, because the engine lacks something. */
export type Verdict = 'written' | Lack;

/**
 * Reads an engine's response to a request. By 2.0 it says how much it has written; one that does not say so knows 1.0 alone
 * and has written nothing, whatever its status. Source: remote write 2.0, "Required Written Response Headers".
 *
 * @param sent how many samples and native histograms the request had.
 * @throws like `judge`; a permanent failure if some were left out.
 */
export function judgeWrite(answer: Answer, { version }: Protocol, sent: number): Verdict {
  const { status, text } = answer;
  // Prometheus answers 500, as if this could pass.
  if (status >= 400 && /native histograms are disabled/i.test(text)) return 'native histograms';
  if (version === '1.0') {
    judge(answer, 'an engine');
    return 'written';
  }
  if (status === 415) return 'remote write 2.0';
  const written = writtenOf(answer);
  const share = `${written} of ${sent} samples written`;
  try {
    judge(answer, 'an engine');
  } catch (error) {
    // Some of the samples can be written although the status says that others were not.
    if (written !== undefined && error instanceof Error) error.message += ` (${share})`;
    throw error;
  }
  if (written === undefined) return 'remote write 2.0';
  if (written < sent) throw permanentFailure(`answered ${status}${text === '' ? '' : `: ${text}`} (${share})`);
  return 'written';
}

/** Samples and native histograms; `undefined` if the response says nothing about what was written. */
function writtenOf({ header }: Answer): number | undefined {
  const counts = ['samples', 'histograms', 'exemplars'].map((what) => {
    const text = header(`x-prometheus-remote-write-${what}-written`)?.trim() ?? '';
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  });
  if (counts.every((count) => count === undefined)) return undefined;
  const [samples = 0, histograms = 0] = counts;
  return samples + histograms;
}
