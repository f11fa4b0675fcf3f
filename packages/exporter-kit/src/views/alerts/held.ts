import { parseDuration } from '../../time/duration.ts';

/** How long a condition must hold if the declaration does not say. */
export const DEFAULT_FOR = '5m';

/** In promtool's tests a rule is evaluated once a minute. */
const MINUTE = 60;

export const secondsIn = (duration: string): number => parseDuration(duration) / 1000;

/**
 * When tests look, in seconds: one evaluation too early, when the condition has not yet held for its time, and when it has. A
 * rate is too low until there are samples of its whole range, five minutes.
 */
export function momentsOf(held: string = DEFAULT_FOR): { readonly tooEarly: number; readonly due: number } {
  const last = Math.ceil(secondsIn(held) / MINUTE);
  return { tooEarly: (last - 1) * MINUTE, due: (last + 5) * MINUTE };
}
