import type { Exemplar } from '../collect/store/exemplar.ts';
import type { NativeMemory } from './native/memory.ts';

/** Memory in which another thread reads a family's rows. */
export interface Outlet {
  /** Makes room for a series in a row; `false` if there is none left. */
  admits(row: number, values: readonly string[], isOverflow: boolean): boolean;
  /** The numbers of a chunk that has a row which was admitted. */
  chunk(i: number): Float64Array;
  /** For {@link LiveFamily.touched} of gauges, infos and statesets; as long as `maxSeries`. */
  readonly touched: Uint8Array | undefined;
  /** For {@link LiveFamily.native}, if there is one. */
  readonly natives: NativeMemory | undefined;
  /** The exemplar of a number is another one, or none. */
  keepExemplar(row: number, cell: number, exemplar: Exemplar | undefined): void;
  /** A row is exposed from now on; `id` is that of its series. */
  show(row: number, id: number, start: number): void;
  /** A row is exposed as soon as it is written. */
  hide(row: number, id: number): void;
  /** The thread that reads takes the numbers of a row, which does not change any more, and keeps them as its own. */
  handOver(row: number): void;
  /** Whether it has. */
  isTaken(row: number): boolean;
  free(row: number): void;
}
