import type { Logger } from '../context.ts';
import { troubles } from '../troubles.ts';
import type { Answer, LiveTarget } from './live-target.ts';

/** Logs what targets answered, in a few lines however often they are asked. */
export type SourceLog = (asked: readonly { readonly target: LiveTarget; readonly answer: Answer }[]) => void;

/** Trouble is kept by source and target name, so that a reload does not repeat it. */
export function sourceLog(log: Logger): SourceLog {
  const down = troubles();
  return (asked) => {
    for (const { target, answer } of asked) {
      const facts = { source: target.source.name, ...target.labels };
      const key = JSON.stringify(facts);
      if (answer.up) {
        const trouble = down.recovered(key);
        if (trouble === undefined) continue;
        log.info({ ...facts, failures: trouble.failures, down_for_seconds: trouble.seconds }, 'source is up again');
        continue;
      }
      const { stage, reason, error, nextTryMs, isStuck } = answer;
      const { isNews, failures } = down.failed(key, reason);
      const about = {
        ...facts,
        stage,
        reason,
        ...(failures === 1 ? {} : { failures }),
        ...(nextTryMs === undefined ? {} : { next_try_seconds: Math.round(nextTryMs / 100) / 10 }),
        ...(isStuck ? { previous_call: 'ignores its signal' } : {}),
      };
      if (isNews) log.error(error === undefined ? about : { ...about, err: error }, 'source is down');
      else log.debug(about, 'source is still down');
    }
  };
}
