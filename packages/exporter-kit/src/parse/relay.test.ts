import { expect, it } from 'vitest';
import { encodeOpenMetrics } from '../encode/openmetrics.ts';
import { samplesOf } from '../encode/samples.ts';
import { escapings } from '../metric/escape.ts';
import { familySnapshot } from '../push/family-snapshot.ts';
import { parseOpenMetrics } from './openmetrics.ts';

const relayed = (text: string): string =>
  encodeOpenMetrics(familySnapshot(parseOpenMetrics(text), 'it'), { created: true });

it('what is parsed and written again keeps its exemplars, starts and units', () => {
  const text = [
    '# TYPE disk_reads counter',
    '# HELP disk_reads Reads.',
    'disk_reads_total{disk="a"} 4 # {trace_id="4bf9"} 0.5 1520879607.789',
    'disk_reads_created{disk="a"} 1520872607.123',
    'disk_reads_total{disk="b"} 1',
    '# TYPE read_bytes counter',
    '# UNIT read_bytes bytes',
    '# HELP read_bytes Bytes.',
    'read_bytes_total 17 # {} 3 1520879607.5',
    'read_bytes_created 1520872607.5',
    '# TYPE took_seconds histogram',
    '# UNIT took_seconds seconds',
    '# HELP took_seconds Times.',
    'took_seconds_bucket{step="x",le="0.5"} 1 # {trace_id="\\"",span_id="1"} 0.25 1520879607',
    'took_seconds_bucket{step="x",le="+Inf"} 2 # {trace_id="7"} 9 1520879608',
    'took_seconds_sum{step="x"} 9.25',
    'took_seconds_count{step="x"} 2',
    'took_seconds_bucket{step="y",le="+Inf"} 0',
    'took_seconds_sum{step="y"} 0',
    'took_seconds_count{step="y"} 0',
    '# EOF',
    '',
  ].join('\n');
  expect(relayed(text)).toBe(text);
});

it('buckets that are out of order keep theirs', () => {
  const text = [
    '# TYPE x histogram',
    '# HELP x ',
    'x_count 1',
    'x_sum 2',
    'x_bucket{le="+Inf"} 1 # {id="1"} 2 9.5',
    '# EOF',
    '',
  ].join('\n');
  expect(relayed(text)).toBe(
    '# TYPE x histogram\n# HELP x \nx_bucket{le="+Inf"} 1 # {id="1"} 2 9.5\nx_sum 2\nx_count 1\n# EOF\n',
  );
});

it('an exemplar without a timestamp has that of its sample', () => {
  const text = '# TYPE x counter\n# HELP x \nx_total 1 5 # {id="1"} 1\n# EOF\n';
  expect(relayed(text)).toBe('# TYPE x counter\n# HELP x \nx_total 1 # {id="1"} 1 5\n# EOF\n');
});

/** `x` in two series, a histogram that can have no sum, and one whose start is not known. */
const begun = [
  '# TYPE x summary',
  '# HELP x Of two.',
  'x{at="a",quantile="0.5"} 1',
  'x_sum{at="a"} 1',
  'x_count{at="a"} 1',
  'x_created{at="a"} 7',
  'x{at="b\\"\\n",quantile="0.5"} 2',
  'x_created{at="b\\"\\n"} 1520872607.123',
  '# TYPE y histogram',
  '# HELP y ',
  'y_bucket{le="-1.0"} 1',
  'y_bucket{le="+Inf"} 1 # {id="1"} 2 9.5',
  'y_created 8',
  '# TYPE z histogram',
  '# HELP z ',
  'z_bucket{at="a",le="+Inf"} 1',
  'z_sum{at="a"} 1',
  'z_count{at="a"} 1',
  'z_created{at="a"} 0.5',
  'z_bucket{at="b",le="+Inf"} 1',
  'z_sum{at="b"} 1',
  'z_count{at="b"} 1',
  '# EOF',
  '',
].join('\n');

it('starts of histograms and summaries are in samples, and lines if asked for', () => {
  const snapshot = familySnapshot(parseOpenMetrics(begun), 'it');
  const samples = [...samplesOf(snapshot)].flatMap((family) => [...family.samples]);
  expect(samples.map(({ name, startMs }) => [name, startMs])).toEqual([
    ...['x', 'x_sum', 'x_count'].map((name) => [name, 7000]),
    ['x', 1520872607123],
    ...['y_bucket', 'y_bucket'].map((name) => [name, 8000]),
    ...['z_bucket', 'z_sum', 'z_count'].map((name) => [name, 500]),
    ...['z_bucket', 'z_sum', 'z_count'].map((name) => [name, undefined]),
  ]);
  expect(encodeOpenMetrics(snapshot, { created: true })).toBe(begun);
  expect(encodeOpenMetrics(snapshot)).toBe(begun.replaceAll(/^._created.*\n/gm, ''));
});

it('starts of series whose lines are out of order stay theirs, however names are escaped', () => {
  const text = [
    '# TYPE "näme" histogram',
    '# HELP "näme" ',
    '{"näme_bucket","größe"="2",le="+Inf"} 2',
    '{"näme_created","größe"="2"} 3.5',
    '{"näme_created","größe"="1"} 2',
    '{"näme_count","größe"="1"} 1',
    '{"näme_sum","größe"="1"} 5',
    '{"näme_bucket","größe"="1",le="+Inf"} 1',
    '# EOF',
    '',
  ].join('\n');
  const snapshot = familySnapshot(parseOpenMetrics(text), 'it');
  for (const escaping of escapings) {
    const again = familySnapshot(parseOpenMetrics(encodeOpenMetrics(snapshot, { created: true, escaping })), 'it');
    const starts = [...samplesOf(again)]
      .flatMap(({ samples }) => [...samples])
      .map(({ labels, startMs }) => {
        const [label] = Object.keys(labels).filter((name) => name !== 'le');
        return [labels[label!], startMs];
      });
    expect(starts, escaping).toEqual([
      ['2', 3500],
      ['1', 2000],
      ['1', 2000],
      ['1', 2000],
    ]);
  }
  expect(encodeOpenMetrics(snapshot, { created: true, escaping: 'allow-utf-8' })).toContain(
    '{"näme_created","größe"="2"} 3.5\n{"näme_bucket","größe"="1",le="+Inf"} 1\n{"näme_sum","größe"="1"} 5\n{"näme_count","größe"="1"} 1\n{"näme_created","größe"="1"} 2\n',
  );
});

it('starts of many series are written page by page', () => {
  const lines = Array.from({ length: 3000 }, (_, i) => {
    const at = `at="${'x'.repeat(i % 300)}${i}"`;
    return [
      `x_bucket{${at},le="1.0"} 1`,
      `x_bucket{${at},le="+Inf"} 1`,
      `x_sum{${at}} 1`,
      `x_count{${at}} 1`,
      `x_created{${at}} ${i + 1}`,
    ];
  });
  const text = `# TYPE x histogram\n# HELP x \n${lines.flat().join('\n')}\n# EOF\n`;
  expect(relayed(text)).toBe(text);
});
