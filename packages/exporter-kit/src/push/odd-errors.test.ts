import { describe, expect, it } from 'vitest';
import { oddValues } from '../../test/odd-values.ts';
import { memory, remembering } from '../../test/push/memory.ts';
import { caught } from '../errors/thrown.ts';
import { gauge } from '../metric/declare.ts';
import { executeJob } from './execute.ts';
import { job } from './job.ts';
import { isPermanentFailure } from './permanent-failure.ts';
import { settleJob } from './settle-job.ts';

const bytes = gauge({ name: 'odd_bytes', help: 'x', unit: 'bytes' });

function throwing(make: () => unknown): () => Promise<never> {
  return async () => {
    throw make();
  };
}

describe.each(Object.entries(oddValues))('%s', (_what, make) => {
  it('fails the job that throws it', async () => {
    const sink = memory();
    const log = remembering();
    const odd = job({ name: 'odd', metrics: { bytes }, run: throwing(make) });
    const report = await settleJob(odd, { to: [sink], log });
    expect(report).toMatchObject({ success: false, ending: 'failed' });
    expect(sink.got[0]).toMatchObject({ mode: 'add' });
    expect(sink.got[0]!.lines).toContain('job_success 0');
    expect('error' in report).toBe(true);
  });

  it('is trouble of the sink that throws it, and of no other', async () => {
    const sink = memory();
    const good = job({ name: 'good', metrics: { bytes }, run: (w) => w.bytes.set(1) });
    const to = [{ name: 'odd', deliver: throwing(make), remove: throwing(make) }, sink];
    for (const removeOnExit of [false, true]) {
      const report = await settleJob(good, { to, removeOnExit, log: remembering() });
      expect(report).toMatchObject({ success: true, notDelivered: 1 });
    }
    expect(sink.got[0]!.lines).toContain('odd_bytes 1');
    const required = executeJob(good, { to, pushRequired: true });
    await expect(required).rejects.toThrow('job good succeeded, but its result was not delivered: ');
  });

  it('aborts a job that gets it as a reason', async () => {
    const aborting = new AbortController();
    const odd = job({
      name: 'odd',
      run: (_, { signal }) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve());
          aborting.abort(make());
        }),
    });
    const report = await settleJob(odd, { to: [memory()], signal: aborting.signal, log: remembering() });
    expect(report).toMatchObject({ success: false, ending: 'aborted', leftBehind: false });
  });

  it('is no permanent failure', () => {
    expect(isPermanentFailure(caught(make()))).toBe(false);
  });
});
