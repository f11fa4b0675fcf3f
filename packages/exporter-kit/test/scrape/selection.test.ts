import { describe, expect, it } from 'vitest';
import { collector, gauge } from '../../src/index.ts';
import { parseOpenMetrics, parseText } from '../../src/parse/index.ts';
import { get, scraper, valueIn } from '../get.ts';
import { counting, serving } from '../serving.ts';

/** Three collectors, one of them with families that only a run can tell. */
async function three() {
  const [one, two] = [counting('one'), counting('two')];
  const runs = { count: 0 };
  const found = collector({
    name: 'found',
    families: 'dynamic',
    collect({ family }) {
      runs.count++;
      family(gauge({ name: 'found_here', help: 'x' })).set(1);
      family(gauge({ name: 'found_there', help: 'x' })).set(2);
    },
  });
  const off = counting('off', { enabled: false });
  const url = await serving([one.made, two.made, found, off.made]);
  return {
    /** Status, names of the families that no kit writes, and which collectors ran. */
    async asks(query: string) {
      const before = [one.runs.count, two.runs.count, runs.count];
      const { status, text } = await get(url + query);
      const after = [one.runs.count, two.runs.count, runs.count];
      const names = status === 200 ? parseText(text).map(({ name }) => name) : [];
      return {
        status,
        text,
        names,
        own: names.filter((name) => !/^(test_|promhttp_)/.test(name)),
        ran: ['one', 'two', 'found'].filter((_, i) => after[i]! > before[i]!),
      };
    },
    url,
  };
}

describe('collect[] and exclude[]', () => {
  it('choose the collectors that run', async () => {
    const { asks } = await three();
    expect(await asks('')).toMatchObject({ ran: ['one', 'two', 'found'] });
    expect(await asks('?collect[]=one')).toMatchObject({ own: ['one_value'], ran: ['one'] });
    expect(await asks('?collect[]=two&collect[]=one&collect[]=two')).toMatchObject({ ran: ['one', 'two'] });
    expect(await asks('?exclude[]=one')).toMatchObject({ ran: ['two', 'found'] });
    expect(await asks('?collect%5B%5D=found')).toMatchObject({ own: ['found_here', 'found_there'], ran: ['found'] });
  });

  it('judge only the collectors they choose', async () => {
    const { text } = await (await three()).asks('?collect[]=one');
    expect(valueIn(text, 'test_scrape_collector_success{collector="one"}')).toBe(1);
    expect(valueIn(text, 'test_scrape_collector_success{collector="two"}')).toBeUndefined();
  });

  it('leave nothing when everything is excluded', async () => {
    const { asks, url } = await three();
    const query = '?exclude[]=one&exclude[]=two&exclude[]=found';
    expect(await asks(query)).toMatchObject({ status: 200, own: [], ran: [] });
    const open = (await get(url + query, scraper)).text;
    expect(open).toMatch(/# EOF\n$/);
    expect(open).not.toContain('collector="');
    parseOpenMetrics(open);
  });

  it.each([
    ['unknown', '?collect[]=none'],
    ['unknown, beside a known one', '?collect[]=one&collect[]=none'],
    ['disabled', '?collect[]=off'],
    ['unknown where one is excluded', '?exclude[]=none'],
    ['a part of a name', '?collect[]=on'],
    ['nothing', '?collect[]='],
    ['what every object has', '?collect[]=__proto__'],
    ['what every object has, too', '?exclude[]=constructor'],
    ['markup', '?collect[]=%3Cscript%3Ealert(1)%3C/script%3E'],
  ])('refuse what is %s, naming the known ones', async (_what, query) => {
    expect(await (await three()).asks(query)).toMatchObject({
      status: 400,
      text: 'unknown collector in collect[] or exclude[]; available: one, two, found\n',
      ran: [],
    });
  });

  it('are refused together', async () => {
    const refused = { status: 400, text: 'collect[] and exclude[] cannot be combined\n', ran: [] };
    expect(await (await three()).asks('?collect[]=one&exclude[]=two')).toMatchObject(refused);
  });
});

describe('name[]', () => {
  it('chooses families exactly, and runs no collector that can not have them', async () => {
    const { asks } = await three();
    // Families found when it runs may be any.
    expect(await asks('?name[]=one_value')).toMatchObject({ names: ['one_value'], ran: ['one', 'found'] });
    expect(await asks('?name[]=found_there')).toMatchObject({ names: ['found_there'], ran: ['found'] });
    expect(await asks('?name[]=one_value&name[]=two_value&exclude[]=found')).toMatchObject({
      names: ['one_value', 'two_value'],
      ran: ['one', 'two'],
    });
    expect(await asks('?name[]=one_value&collect[]=two')).toMatchObject({ names: [], ran: [] });
    expect(await asks('?name[]=one')).toMatchObject({ names: [], ran: ['found'] });
  });

  it('gets what is said about the runs from runs', async () => {
    const { asks } = await three();
    const durations = await asks('?name[]=test_scrape_collector_duration_seconds');
    expect(durations).toMatchObject({
      names: ['test_scrape_collector_duration_seconds'],
      ran: ['one', 'two', 'found'],
    });
    const verdict = await asks('?name[]=test_scrape_collector_success');
    expect(valueIn(verdict.text, 'test_scrape_collector_success{collector="two"}')).toBe(1);
    expect(await asks('?name[]=test_exporter_build_info&exclude[]=found')).toMatchObject({
      names: ['test_exporter_build_info'],
      ran: [],
    });
  });

  it.each(['none', '__proto__', 'constructor', '', '%3Cscript%3E', 'one_value%00', 'ONE_VALUE'])(
    'finds nothing under %s, and that is no error',
    async (name) => {
      const { url } = await three();
      const got = await get(`${url}?exclude[]=found&name[]=${name}`);
      expect([got.status, got.text, got.headers['content-length']]).toEqual([200, '', '0']);
      const open = await get(`${url}?name[]=${name}`, scraper);
      expect([open.status, open.text]).toEqual([200, '# EOF\n']);
    },
  );
});
