/** Counts in one row, whose place it holds. */
export interface BoundChild {
  /** Finds the place again, when the family's cells have moved. */
  point(): void;
}

/** The children that rows are bound to, for as long as someone holds them. */
export class Children {
  readonly #byRow: Map<number, WeakRef<BoundChild>> = new Map();

  /** The child of a row; made if nobody holds one. */
  of<Bound extends BoundChild>(row: number, make: () => Bound): Bound {
    const known = this.#byRow.get(row)?.deref() as Bound | undefined;
    if (known !== undefined) return known;
    const child = make();
    this.#byRow.set(row, new WeakRef(child));
    return child;
  }

  isHeld(row: number): boolean {
    return this.#byRow.get(row)?.deref() !== undefined;
  }

  /** Those of some rows that had a child which nobody holds any more. To look at a child takes longer than at a row. */
  forsaken(isOne: (row: number) => boolean): number[] {
    const found: number[] = [];
    for (const row of this.#byRow.keys()) if (isOne(row) && !this.isHeld(row)) found.push(row);
    return found;
  }

  forget(row: number): void {
    this.#byRow.delete(row);
  }

  point(): void {
    for (const child of this.#byRow.values()) child.deref()?.point();
  }
}
