import { setImmediate } from 'node:timers/promises';
import type { FreezeOptions } from '../../../collect/store/frozen.ts';
import { slices } from '../../../time/wait.ts';
import type { Across } from '../across.ts';
import type { Others, Part } from '../part.ts';
import { isReport, Mirror } from './mirror.ts';
import type { Report } from './report.ts';

/** A process that was forked: a `ChildProcess`. */
export interface Child {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  send(message: never): boolean;
}

/** The module `node:cluster`, in its primary. */
export interface Cluster {
  readonly isPrimary: boolean;
  on(event: 'message', listener: (worker: object, message: unknown) => void): unknown;
  on(event: 'disconnect', listener: (worker: object) => void): unknown;
}

/** Processes that were forked here and report what they count. */
export class Workers implements Others {
  readonly #across: Across;
  readonly #mirrors: Map<object, Mirror> = new Map();
  readonly #sources: WeakSet<object> = new WeakSet();
  // Reports and ends of workers, in order. Many come in one turn of the event loop, such as the first ones of all workers.
  #heard: (() => void)[] = [];
  #taking: Promise<void> | undefined;

  constructor(across: Across) {
    this.#across = across;
  }

  /** Listens to a cluster's workers, or to one child. A second call for the same does nothing. */
  listen(source: Cluster | Child): void {
    if (this.#sources.has(source)) return;
    this.#sources.add(source);
    if ('isPrimary' in source) {
      source.on('message', (worker, message) => this.#hear(worker, message));
      source.on('disconnect', (worker) => this.#takeLater(() => this.#end(worker)));
    } else {
      source.on('message', (message) => this.#hear(source, message));
      // Not 'exit', after which reports may still come.
      source.on('disconnect', () => this.#takeLater(() => this.#end(source)));
    }
  }

  /** Only while reports wait: a scrape that waits for nothing costs less. */
  get refresh(): (() => Promise<void>) | undefined {
    const taking = this.#taking;
    return taking && (() => taking);
  }

  parts(options?: FreezeOptions): readonly (readonly (Part | undefined)[])[] {
    // What has come in is part of the numbers, whoever does not wait for it.
    for (const take of this.#heard.splice(0)) take();
    return Array.from(this.#mirrors.values(), (mirror) => mirror.parts(options, false));
  }

  #hear(worker: object, message: unknown): void {
    if (isReport(message, this.#across.name)) this.#takeLater(() => this.#take(worker, message));
  }

  #takeLater(take: () => void): void {
    this.#heard.push(take);
    this.#taking ??= this.#takeAll();
  }

  async #takeAll(): Promise<void> {
    await setImmediate();
    const turn = slices();
    while (this.#heard.length > 0) {
      this.#heard.shift()!();
      await turn();
    }
    this.#taking = undefined;
  }

  #take(worker: object, message: Report): void {
    const mirror = this.#mirrors.get(worker) ?? new Mirror(this.#across);
    const problem = mirror.apply(message);
    if (problem === undefined) {
      this.#mirrors.set(worker, mirror);
      // Now, as a scrape would have to do it for all reports at once.
      if (message.families.some(({ began }) => began.length > 0))
        this.#across.all.place(mirror.parts(undefined, false));
    } else this.#across.refuse(`what a worker reports ${problem}`);
  }

  #end(worker: object): void {
    this.#mirrors.get(worker)?.bequeath();
    this.#mirrors.delete(worker);
  }
}
