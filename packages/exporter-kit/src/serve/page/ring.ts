/** The latest points of a chart, oldest first. */
export interface Points {
  /** In milliseconds since the epoch. */
  readonly at: readonly number[];
  readonly values: readonly number[];
}

const MOST_POINTS = 60;
/** Points nearer to one another are one: a family of many targets gets a point with each of their scrapes. */
const APART_MS = 1000;

/** The last 60 points, in a kilobyte. */
export class Ring {
  readonly #at = new Float64Array(MOST_POINTS);
  readonly #values = new Float64Array(MOST_POINTS);
  #next = 0;
  #count = 0;

  add(at: number, value: number): void {
    const last = (this.#next + MOST_POINTS - 1) % MOST_POINTS;
    if (this.#count > 0 && at - this.#at[last]! < APART_MS) {
      this.#values[last] = value;
      return;
    }
    this.#at[this.#next] = at;
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % MOST_POINTS;
    if (this.#count < MOST_POINTS) this.#count++;
  }

  points(): Points {
    const first = (this.#next + MOST_POINTS - this.#count) % MOST_POINTS;
    const places = Array.from({ length: this.#count }, (_, i) => (first + i) % MOST_POINTS);
    return { at: places.map((i) => this.#at[i]!), values: places.map((i) => this.#values[i]!) };
  }
}

/** Increase per second between points; none where a counter began again. */
export function rateOf({ at, values }: Points): Points {
  const rates = values.slice(1).map((value, i) => ((value - values[i]!) / (at[i + 1]! - at[i]!)) * 1000);
  return { at: at.slice(1), values: rates.map((rate) => (rate >= 0 ? rate : Number.NaN)) };
}
