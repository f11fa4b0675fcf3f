import { expect, it } from 'vitest';
import { encodeOpenMetrics } from '../encode/openmetrics.ts';
import { samplesOf } from '../encode/samples.ts';
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

it('starts of histograms and summaries are in samples', () => {
  const text = [
    '# TYPE x summary',
    'x{quantile="0.5",at="a"} 1',
    'x_sum{at="a"} 1',
    'x_count{at="a"} 1',
    'x_created{at="a"} 7',
    '# TYPE y histogram',
    'y_bucket{le="+Inf"} 1',
    'y_sum 1',
    'y_count 1',
    'y_created 8',
    '# EOF',
    '',
  ].join('\n');
  const samples = [...samplesOf(familySnapshot(parseOpenMetrics(text), 'it'))].flatMap((family) => [...family.samples]);
  expect(samples.map(({ name, startMs }) => [name, startMs])).toEqual([
    ...['x', 'x_sum', 'x_count'].map((name) => [name, 7000]),
    ...['y_bucket', 'y_sum', 'y_count'].map((name) => [name, 8000]),
  ]);
});
