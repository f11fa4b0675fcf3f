import type { Answer, LiveTarget, Waiter } from '../source/live-target.ts';
import type { Joined, Outcome, Runner } from './runner.ts';

/** A target that took part in a round, and what it answered. */
export interface TargetAnswer {
  readonly target: LiveTarget;
  readonly answer: Answer;
}

/** What a source's collectors get beside other context. */
export interface Found {
  readonly client: unknown;
  readonly reading: unknown;
}

/** A source's collector in a round: it runs once its target has answered, and not at all if that is down. */
export function joinWhenUp(runner: Runner, waiter: Waiter, deadline: number, natives: boolean): Joined {
  let until = deadline;
  let joined: Joined | undefined;
  let left = false;
  const done = waiter.done.then((answer) => {
    if (!answer.up || left) return downOutcome(runner);
    joined = runner.join(until, { found: { client: answer.client, reading: answer.reading }, natives });
    return joined.done;
  });
  return {
    done,
    extend(later) {
      if (later > until) until = later;
      joined?.extend(later);
    },
    leave() {
      left = true;
      joined?.leave();
    },
  };
}

/** What becomes of a collector whose target is down. */
export function downOutcome({ collector }: Pick<Runner, 'collector'>): Outcome {
  return { collector, status: 'down', durationMs: 0, reason: `source ${collector.source?.name} is down` };
}
