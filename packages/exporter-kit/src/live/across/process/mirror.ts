import type { FreezeOptions } from '../../../collect/store/frozen.ts';
import type { Across } from '../across.ts';
import type { Part } from '../part.ts';
import { MirroredFamily } from './mirrored-family.ts';
import { REPORT, type Report } from './report.ts';

/** A live value's families in another process. */
export class Mirror {
  readonly #across: Across;
  readonly #families: readonly MirroredFamily[];
  #begun = false;

  constructor(across: Across) {
    this.#across = across;
    this.#families = across.families.map((family) => new MirroredFamily(family));
  }

  /** @returns what is wrong with the report, if anything is: the end of a sentence. */
  apply({ shape, first, families }: Pick<Report, 'shape' | 'first' | 'families'>): string | undefined {
    if (shape !== this.#across.shape) return OTHER_SHAPE;
    if (first === true) for (const family of this.#families) family.clear();
    else if (!this.#begun) return MISSED;
    this.#begun = true;
    if (!Array.isArray(families)) return MALFORMED;
    for (const report of families) {
      const at: unknown = report?.family;
      if (!Number.isInteger(at) || this.#families[at as number]?.apply(report, first !== true) !== true)
        return MALFORMED;
    }
    return undefined;
  }

  parts(options: FreezeOptions | undefined, hasEnded: boolean): readonly (Part | undefined)[] {
    return this.#families.map((family) => family.part(options, hasEnded));
  }

  /** The process has ended: its counts are added to those here, and its gauges are gone. */
  bequeath(): void {
    for (const family of this.#families) family.bequeath(1);
  }

  /** Its counts, which are among those here, are another's now. */
  withdraw(): void {
    for (const family of this.#families) family.bequeath(-1);
  }
}

const MALFORMED = 'is malformed, so the rest of it is ignored.';
const MISSED = 'was begun before anyone listened, so it is left out; call share() before the worker is forked.';
const OTHER_SHAPE =
  'has other declarations, maxSeries or tune, so its counts are left out; deploy the same everywhere.';

/** Whether a message is a report about this live value. Others' messages pass by here too. */
export function isReport(message: unknown, name: string): message is Report {
  if (typeof message !== 'object' || message === null) return false;
  return (message as Report)['exporter-kit'] === REPORT && (message as Report).name === name;
}
