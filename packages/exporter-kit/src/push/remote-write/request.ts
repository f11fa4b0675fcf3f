import type { LazyFamily, Sample } from '../../collect/families.ts';
import type { Escaping } from '../../metric/escape.ts';

/** Versions of the protocol. */
export type Version = '1.0' | '2.0';

/** A version's way to write requests: which headers they have, and their names of metrics and labels. */
export interface Protocol {
  readonly version: Version;
  readonly headers: { readonly [name: string]: string };
  readonly escaping: Escaping;
  /** @param group labels of all series. */
  writer(group: { readonly [label: string]: string }, timeMs: number): RequestWriter;
}

/** Writes one request after the other. */
export interface RequestWriter {
  /** Bytes of the request so far. */
  readonly length: number;
  /** Writes a sample as a series of the request. */
  write(sample: Sample, family: LazyFamily): void;
  /** Decides that what was written belongs to this request. */
  keep(): void;
  /** The request with what was kept; what was written since then is forgotten. The next request begins. */
  take(): Uint8Array;
}
