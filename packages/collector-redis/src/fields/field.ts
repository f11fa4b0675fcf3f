/** A field of INFO as a family: its name without `redis_`, its help, and what clean names make of it. */
export type Field = readonly [name: string, help: string, clean?: CleanField];

/** A field's family under clean names. */
export interface CleanField {
  readonly name: string;
  /** Its type under clean names; default: the one under classic names. */
  readonly kind?: 'gauge' | 'counter';
  /** What the field's value is divided by wherever the family has this name, to get the base unit. */
  readonly divide?: number;
}

/** The fields of a section of INFO, by their names there. */
export interface Fields {
  readonly gauges?: { readonly [field: string]: Field };
  readonly counters?: { readonly [field: string]: Field };
}
