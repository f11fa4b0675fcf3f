import { describe, expect, it } from 'vitest';
import { type Collector, collector, unsupported } from '../../src/index.ts';
import { type Got, get, valueIn } from '../get.ts';
import { counting, failing, heard, serving, waiting } from '../serving.ts';

const absent = (name: string, also: { optional?: boolean } = {}): Collector =>
  collector({ name, ...also, metrics: {}, collect: () => unsupported('no such device') });

/** Scrapes once, and sees to it that nothing says why a collector failed, but the log. */
async function scraped(collectors: readonly Collector[], policy: 'partial' | 'strict' = 'partial'): Promise<Got> {
  const { log, said } = heard();
  const got = await get(await serving(collectors, { policy, log }));
  const reasons = said.filter(({ facts }) => String(facts.reason).includes('hunter2'));
  expect(reasons.length).toBe(collectors.filter(({ name }) => name.startsWith('bad')).length);
  expect(got.text + JSON.stringify(got.headers)).not.toMatch(/hunter2|password|at .*\.ts/);
  return got;
}

describe.each(['partial', 'strict'] as const)('whatever the policy (%s), a scrape', (policy) => {
  it('is a success when all collectors succeed', async () => {
    const { status, text } = await scraped([counting('good').made, counting('fine').made], policy);
    expect(status).toBe(200);
    expect(valueIn(text, 'test_scrape_collector_success{collector="fine"}')).toBe(1);
  });

  it('is a success when a collector has nothing to read', async () => {
    const { status, text } = await scraped([counting('good').made, absent('absent')], policy);
    expect(status).toBe(200);
    expect(valueIn(text, 'test_scrape_collector_unsupported{collector="absent"}')).toBe(1);
    expect(valueIn(text, 'test_scrape_collector_success{collector="absent"}')).toBe(1);
  });

  it('is a success when none has anything to read', async () => {
    expect((await scraped([absent('one'), absent('two')], policy)).status).toBe(200);
  });

  it('is a success when what fails is optional, and tells so', async () => {
    const { status, text } = await scraped([counting('good').made, failing('bad', { optional: true })], policy);
    expect(status).toBe(200);
    expect(valueIn(text, 'test_scrape_collector_success{collector="bad"}')).toBe(0);
    expect(valueIn(text, 'test_scrape_collector_success{collector="good"}')).toBe(1);
  });

  it('is a success when all that fails is optional, even if that is all there is', async () => {
    expect((await scraped([failing('bad', { optional: true })], policy)).status).toBe(200);
  });

  it('is a failure when all collectors fail', async () => {
    const { status, text, headers } = await scraped([failing('bad_one'), failing('bad_two')], policy);
    expect(status).toBe(500);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(text).toBe('collectors failed: bad_one, bad_two; see the log\n');
  });

  it('is a failure when all fail but those that are about the exporter itself', async () => {
    const own = counting('own', { auxiliary: true }).made;
    expect((await scraped([own, failing('bad')], policy)).status).toBe(500);
  });

  it('is a success without collectors', async () => {
    expect((await scraped([], policy)).status).toBe(200);
    expect((await scraped([counting('own', { auxiliary: true }).made], policy)).status).toBe(200);
  });
});

it('is partial by default: what succeeded is served, with a verdict on each collector', async () => {
  const late = waiting('late', { timeoutMs: 20 });
  const { status, text } = await scraped([counting('good').made, failing('bad'), late.made, absent('absent')]);
  expect(status).toBe(200);
  expect(valueIn(text, 'good_value')).toBe(1);
  const verdicts = ['good', 'bad', 'late', 'absent'].map((name) => [
    valueIn(text, `test_scrape_collector_success{collector="${name}"}`),
    valueIn(text, `test_scrape_collector_unsupported{collector="${name}"}`),
  ]);
  expect(verdicts).toEqual([
    [1, 0],
    [0, 0],
    [0, 0],
    [1, 1],
  ]);
  expect(valueIn(text, 'test_scrape_collector_duration_seconds{collector="late"}')).toBeGreaterThan(0.015);
  late.go();
});

it('fails a strict scrape for one failure, naming the collectors that count', async () => {
  const { status, text } = await scraped(
    [counting('good').made, failing('bad_one'), failing('bad_extra', { optional: true }), failing('bad_two')],
    'strict',
  );
  expect(status).toBe(500);
  expect(text).toBe('collectors failed: bad_one, bad_two; see the log\n');
});

it('judges what was asked for, not what else there is', async () => {
  const url = await serving([counting('good').made, failing('bad')], { policy: 'strict' });
  expect((await get(`${url}?collect[]=good`)).status).toBe(200);
  expect((await get(`${url}?exclude[]=good`)).status).toBe(500);
  expect((await get(`${url}?name[]=good_value`)).status).toBe(200);
});
