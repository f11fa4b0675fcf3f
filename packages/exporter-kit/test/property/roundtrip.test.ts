import fc from 'fast-check';
import { needPeers, type PythonFamily, pythonParse } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { exporter, fetchHandler } from '../../src/index.ts';
import { parseOpenMetrics, parseText } from '../../src/parse/index.ts';
import { scraper } from '../get.ts';
import { expectedOf, type Format, type Seen, sample, seenBy } from './expected.ts';
import { type Plan, planned, plans } from './plan.ts';

const accept: { readonly [F in Format]: string } = { text: 'text/plain', openmetrics: scraper.accept };

/** The answers of three scrapes on end. */
async function answers(list: readonly Plan[], format: Format): Promise<string[]> {
  const handler = fetchHandler(exporter({ name: 'self_exporter', collectors: [planned(list)] }));
  const ask = async (): Promise<string> =>
    (await handler(new Request('http://localhost/metrics', { headers: { accept: accept[format] } }))).text();
  const texts = [await ask(), await ask(), await ask()];
  // Nothing was left out, but what OpenMetrics forbids.
  const dropped =
    format === 'text' ? /^self_scrape_collector_dropped/m : /^self_scrape_collector_dropped(?!.*"openmetrics")/m;
  for (const text of texts) expect(text).not.toMatch(dropped);
  return texts;
}

it.each([
  ['text', parseText],
  ['openmetrics', parseOpenMetrics],
] as const)('whatever is written in %s is read back the same', async (format, parse) => {
  await fc.assert(
    fc.asyncProperty(plans(6), async (list) => {
      const expected = expectedOf(list, format);
      for (const text of await answers(list, format)) expect(seenBy(parse(text), list, format)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

const python = needPeers('python-client');
describe.skipIf(!python)('the Python client', () => {
  it.each(['text', 'openmetrics'] as const)('reads the same in %s', async (format) => {
    // Many families in one call, too many to be made smaller.
    const seed = Date.now();
    for (const list of fc.sample(plans(300), { numRuns: 3, seed })) {
      expect(list.length).toBeGreaterThan(30);
      const [, text] = await answers(list, format);
      const families = pythonParse(text!, format).filter(({ name }) => !/^(self_|promhttp_)/.test(name));
      expect(new Map(families.map(seenByPython)), `seed ${seed}`).toEqual(
        new Map(list.map((one) => pythonView(one, format))),
      );
    }
  });
});

function seenByPython({ name, type, help, unit, samples }: PythonFamily): [string, Seen] {
  const lines = samples.map((one) => sample(one.name, Object.entries(one.labels), one.value));
  return [name, { kind: type, help, unit, samples: lines.sort() }];
}

/** It gives counters their `_total` where they lack it, and takes it from their families' names. */
function pythonView(plan: Plan, format: Format): [string, Seen] {
  const [[name, seen]] = expectedOf([plan], format) as unknown as [[string, Seen]];
  if (format === 'openmetrics' || plan.kind !== 'counter') return [name, seen];
  const total = name.endsWith('_total') ? name : `${name}_total`;
  const samples = expectedOf([{ ...plan, name: total }], format).get(total)!.samples;
  return [total.slice(0, -'_total'.length), { ...seen, samples }];
}
