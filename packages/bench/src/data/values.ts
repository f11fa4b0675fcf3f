/**
 * Pseudorandom 32-bit numbers, the same in every language: `state = state · 1664525 + 1013904223`.
 * Seeded again for each scrape, so that every value differs from the one before.
 */
export function seed(scrape: number): number {
  return (Math.imul(scrape, 2_654_435_761) + 1) >>> 0;
}

export function next(state: number): number {
  return (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
}

/** Half are integers, 30 % have two decimals, 20 % are full doubles. */
export function mixed(state: number): number {
  const kind = (state >>> 16) % 10;
  const whole = state >>> 8;
  return kind < 5 ? whole : kind < 8 ? whole / 100 : whole / 16_777_259;
}

/** A value with 16 or 17 digits. */
export function double(state: number): number {
  return (state >>> 8) / 16_777_259;
}

/** An integer. */
export function whole(state: number): number {
  return state >>> 8;
}
