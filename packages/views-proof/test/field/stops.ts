/** What was started for a test, to be stopped in reverse order. */
export class Stops {
  readonly #stops: (() => unknown)[] = [];

  /** Remembers to stop it. */
  add<T extends { stop(): unknown }>(one: T): T {
    this.#stops.push(() => one.stop());
    return one;
  }

  later(stop: () => unknown): void {
    this.#stops.push(stop);
  }

  async all(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}
