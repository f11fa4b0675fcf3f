/** Follows the lines of one series after another. */
export interface SeriesCheck {
  begin(): void;
  /** `false` when OpenMetrics does not let the line stand here. `place`: 0 a quantile, 1 a bucket, 2 the sum, 3 the count. */
  add(place: number, at: number, value: number): boolean;
  /** Whether nothing is missing. */
  end(): boolean;
}

/** Checks whether series can be histograms or summaries. Source: OpenMetrics 1.0, "Histogram" and "Summary". */
export function seriesCheck(type: 'histogram' | 'summary'): SeriesCheck {
  let last = 0;
  let bound = -Infinity;
  let total = 0;
  let negative = false;
  let sum = false;
  let count: number | undefined;
  return {
    begin() {
      last = 0;
      bound = -Infinity;
      total = 0;
      negative = false;
      sum = false;
      count = undefined;
    },
    add(place, at, value) {
      if (place < last) return false;
      last = place;
      // Both are counters there.
      if (place >= 2) {
        if (place === 2) sum = true;
        else count = value;
        return value >= 0;
      }
      if (type === 'summary') return place === 0 && at >= 0 && at <= 1 && !(value < 0);
      if (place !== 1 || !(at > bound) || value < total) return false;
      negative ||= at < 0;
      bound = at;
      total = value;
      return true;
    },
    end() {
      if (type === 'summary') return true;
      if (bound !== Infinity || sum !== (count !== undefined)) return false;
      return count === undefined || (count === total && !negative);
    },
  };
}
