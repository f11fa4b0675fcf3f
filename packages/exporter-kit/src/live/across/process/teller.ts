import type { Across } from '../across.ts';
import type { Membership } from '../join.ts';
import { type Report, Reporter } from './report.ts';

/** A process that can tell the one that forked it: `process`. */
export interface Forked {
  readonly connected?: boolean;
  send?(message: unknown, handle: undefined, options: undefined, sent: (error: Error | null) => void): boolean;
  once(event: 'exit', listener: () => void): unknown;
  removeListener(event: 'exit', listener: () => void): unknown;
}

const EVERY_MS = 1000;

/** Tells the process that forked this one what is counted here: every second, and when this one exits. */
export function tell(across: Across, forked: Forked): Membership {
  const reporter = new Reporter(across, across.all, true);
  let sending: Promise<unknown> | undefined;

  function send(report: Report): Promise<void> {
    if (forked.connected !== true) return Promise.resolve();
    return new Promise((resolve) => {
      // Whatever has gone wrong, the other end is gone.
      forked.send!(report, undefined, undefined, () => resolve());
    });
  }
  function tellNow(): Promise<unknown> {
    return Promise.all(reporter.reports().map(send));
  }
  function tellSoon(): void {
    // While the reader is behind, changes add up here rather than in the channel.
    if (sending !== undefined || forked.connected !== true) return;
    sending = tellNow().finally(() => {
      sending = undefined;
    });
  }
  function tellLast(): void {
    void tellNow();
  }

  across.isJoined = true;
  tellSoon();
  const timer = setInterval(tellSoon, EVERY_MS).unref();
  forked.once('exit', tellLast);
  return {
    async leave() {
      clearInterval(timer);
      forked.removeListener('exit', tellLast);
      await sending;
      await tellNow();
    },
  };
}
