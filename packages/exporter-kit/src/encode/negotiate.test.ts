import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text, texts } from './encode.ts';
import { acceptsGzip, negotiate, textFormat } from './negotiate.ts';
import { openMetrics, openMetricsTexts } from './openmetrics.ts';

const text004 = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';
const text100 = 'text/plain; version=1.0.0; charset=utf-8; escaping=underscores';
const om100 = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores';
const om001 = 'application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores';
const protobuf =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores';
const under = (escaping: string, contentType: string): string => contentType.replace('underscores', escaping);
const utf8 = (contentType: string): string => under('allow-utf-8', contentType);

/** The headers that Prometheus' source builds from its default scrape protocols, by release. */
const prometheus: { [version: string]: [accept: string, contentType: string] } = {
  '2.30': ['application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1', om001],
  '2.42': [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    om100,
  ],
  '2.42 with native histograms': [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    protobuf,
  ],
  '2.49.0, whose last weight is no weight': [
    'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=2',
    om100,
  ],
  '2.53': [
    'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    om100,
  ],
  '2.55 with native histograms and UTF-8 names': [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.2,*/*;q=0.1',
    utf8(protobuf),
  ],
  '3.0': [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2',
    utf8(om100),
  ],
  '3.5': [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    utf8(om100),
  ],
  '3.5 with native histograms': [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    utf8(protobuf),
  ],
  '3.5 with native histograms, told to escape with underscores': [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=underscores;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    protobuf,
  ],
  '3.5 told to escape with underscores': [
    'application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    om100,
  ],
  '3.5 told to escape with dots': [
    'application/openmetrics-text;version=1.0.0;escaping=dots;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=dots;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    under('dots', om100),
  ],
  '3.5 told to escape with values': [
    'application/openmetrics-text;version=1.0.0;escaping=values;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=values;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    under('values', om100),
  ],
  '3.5 told to scrape text 1.0.0 only': [
    'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.5',
    utf8(text100),
  ],
  '3.5 told to scrape text 0.0.4 only': ['text/plain;version=0.0.4;q=0.6,*/*;q=0.5', text004],
};

const others: { [what: string]: [accept: string | undefined, contentType: string] } = {
  'no header': [undefined, text004],
  'an empty header': ['', text004],
  'a wildcard': ['*/*', text004],
  'a browser': [
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
    text004,
  ],
  Java: ['text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', text004],
  'something else': ['application/json', text004],
  'protobuf only': [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
    protobuf,
  ],
  'protobuf with other clauses that differ in their escaping': [
    'text/plain;version=1.0.0;escaping=dots;q=0.2,application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,text/plain;version=0.0.4;escaping=values;q=0.4',
    under('values', protobuf),
  ],
  'protobuf with an escaping of its own': [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=dots,text/plain;escaping=values;q=0.4',
    under('dots', protobuf),
  ],
  'protobuf with an escaping that is refused': [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,text/plain;escaping=values;q=0',
    protobuf,
  ],
  'protobuf as text': [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text,text/plain;q=0.1',
    text004,
  ],
  'protobuf of other messages': ['application/vnd.google.protobuf;proto=a.b.C;encoding=delimited', text004],
  'protobuf of no message': ['application/vnd.google.protobuf', text004],
  'protobuf below text': [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.1,text/plain;q=0.2',
    text004,
  ],
  'OpenMetrics without a version': ['application/openmetrics-text', om100],
  'OpenMetrics of the future': ['application/openmetrics-text;version=2.0.0', text004],
  'OpenMetrics of the future, or of now': [
    'application/openmetrics-text;version=2.0.0,application/openmetrics-text;version=1.0.0;q=0.5',
    om100,
  ],
  'a tie': ['application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4', text004],
  'a tie, the other way round': ['text/plain;q=0.5,application/openmetrics-text;q=0.5', text004],
  'a tie of two versions': [
    'application/openmetrics-text;version=0.0.1,application/openmetrics-text;version=1.0.0',
    om100,
  ],
  'text 1.0.0': ['text/plain;version=1.0.0', text100],
  'text without a version': ['text/plain', text004],
  'text 0.0.4 escaped': ['text/plain;version=0.0.4; escaping=values;', under('values', text004)],
  'OpenMetrics 0.0.1 with UTF-8': ['application/openmetrics-text;version=0.0.1;escaping=allow-utf-8', utf8(om001)],
  'a wildcard with UTF-8': ['*/*;escaping=allow-utf-8', utf8(text004)],
  'an escaping in capitals and quotes': ['text/plain;version=1.0.0;Escaping="Allow-UTF-8"', utf8(text100)],
  'an escaping nobody knows': ['text/plain;version=1.0.0;escaping=percent', text100],
  'an escaping that objects have for a name': ['text/plain;version=1.0.0;escaping=constructor', text100],
  'an empty escaping': ['text/plain;version=1.0.0;escaping=', text100],
  'an escaping in a clause that is not chosen': [
    'application/json;escaping=values,text/plain;version=0.0.4;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4',
    text004,
  ],
  'the same format with two escapings': [
    'text/plain;version=1.0.0;escaping=dots;q=0.2,text/plain;version=1.0.0;escaping=values;q=0.4',
    under('values', text100),
  ],
  'OpenMetrics beside a wildcard': ['application/openmetrics-text,*/*;q=0.5', om100],
  'OpenMetrics below a wildcard': ['application/openmetrics-text;q=0.5,*/*', text004],
  'any application': ['application/*', om100],
  'any text': ['text/*,application/openmetrics-text;q=0.9', text004],
  'a version below its type': ['application/openmetrics-text;version=1.0.0;q=0.1,application/openmetrics-text', om001],
  'a version that is refused': [
    'application/openmetrics-text;version=1.0.0;q=0,application/openmetrics-text;q=0.1',
    om001,
  ],
  'text refused, and a wildcard': ['text/plain;q=0,*/*;q=0.1', om100],
  'OpenMetrics refused, and a wildcard': ['application/openmetrics-text;q=0,*/*', text004],
  'all refused': ['*/*;q=0', text004],
  'text refused': ['text/plain;q=0.000', text004],
  capitals: ['APPLICATION/OpenMetrics-Text; VERSION=1.0.0; Q=0.9, TEXT/PLAIN; q=0.8', om100],
  blanks: ['  application/openmetrics-text ;  version = 1.0.0 ; q = 0.9 ,\ttext/plain ; q=0.8', om100],
  'quoted parameters': ['application/openmetrics-text;version="1.0.0";q=0.9,text/plain;q=0.8', om100],
  'commas and semicolons in quotes': [
    'application/openmetrics-text;a="b,text/plain;q=1;\\"c";version=1.0.0,text/plain;q=0.5',
    om100,
  ],
  'escapes in quotes': ['application/openmetrics-text;version="\\1.0\\.0",text/plain;q=0.5', om100],
  'the weight before other parameters': ['application/openmetrics-text;q=0.1;version=1.0.0,text/plain;q=0.2', text004],
  'a charset': ['application/openmetrics-text; version=1.0.0; charset=utf-8, text/plain;q=0.2', om100],
  'two headers, joined': ['text/plain;q=0.5, application/openmetrics-text;q=0.6', om100],
  'the same clause twice': [
    'application/openmetrics-text;q=0.1,application/openmetrics-text;q=0.6,text/plain;q=0.5',
    om100,
  ],
  'weights with many digits': ['application/openmetrics-text;q=0.50001,text/plain;q=0.5', om100],
  'weights that are none': [
    'application/openmetrics-text;q=x,application/openmetrics-text;q=-1,text/plain;q=0.1',
    text004,
  ],
  'empty clauses': [',,;,application/openmetrics-text,;q=1,', om100],
  'an open quote': ['text/plain;q=0.1,application/openmetrics-text;a="', om100],
  'an open quote before the rest': ['text/plain;q=0.1;a=",application/openmetrics-text', text004],
};

describe('negotiate', () => {
  it.each(Object.entries(prometheus))('answers Prometheus %s', (_, [accept, contentType]) => {
    expect(negotiate(accept).contentType).toBe(contentType);
  });

  it.each(Object.entries(others))('answers %s', (_, [accept, contentType]) => {
    expect(negotiate(accept).contentType).toBe(contentType);
  });

  it('knows the encoding of each format', () => {
    expect(negotiate(undefined)).toBe(textFormat);
    expect(textFormat.encoding).toBe(text);
    expect(negotiate('application/openmetrics-text').encoding).toBe(openMetrics);
    expect(negotiate('application/openmetrics-text;version=0.0.1').encoding).toBe(openMetrics);
    expect(negotiate('text/plain;version=1.0.0').encoding).toBe(text);
    for (const escaping of ['allow-utf-8', 'underscores', 'dots', 'values'] as const) {
      expect(negotiate(`text/plain;escaping=${escaping}`).encoding).toBe(texts[escaping]);
      expect(negotiate(`application/openmetrics-text;escaping=${escaping}`).encoding).toBe(openMetricsTexts[escaping]);
    }
    expect(texts.dots.escaping).toBe('dots');
  });

  it('answers whatever it is sent', () => {
    const piece = fc.constantFrom(
      'text/plain',
      'application/openmetrics-text',
      '*/*',
      ',',
      ';',
      'q=',
      '0.5',
      '"',
      '\\',
      'version=',
      '1.0.0',
      ' ',
      '=',
    );
    const header = fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(fc.property(header, (accept) => [text004, om100, om001].includes(negotiate(accept).contentType)));
  });

  it.each(['"', '\\"', '1', ',', ';', 'a="\\', ' ', ';q=1'])('is not slowed down by many of %j', (piece) => {
    const accept = `text/plain;q=${piece.repeat(16_000 / piece.length)}x`;
    // Processor time: others on the machine do not count.
    const from = process.cpuUsage();
    negotiate(accept);
    const { user, system } = process.cpuUsage(from);
    expect((user + system) / 1000).toBeLessThan(200);
  });
});

describe('acceptsGzip', () => {
  it.each([
    'gzip',
    'GZIP',
    'deflate, gzip;q=1.0, *;q=0.5',
    'gzip;q=0.1',
    '*',
    'br;q=1.0, *;q=0.1',
    'identity;q=0.5, gzip',
    'gzip,identity',
    'identity;q=0,*',
  ])('takes gzip: %s', (header) => {
    expect(acceptsGzip(header)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'identity',
    'deflate, br',
    'gzip;q=0',
    'gzip;q=0.000, *',
    '*;q=0',
    'notgzip',
    'x-notgzip, gzipped',
    'gzip;q=2',
    'gzip;q=0.5, identity',
  ])('does not: %s', (header) => {
    expect(acceptsGzip(header)).toBe(false);
  });
});

it('has _created lines in OpenMetrics only if asked for', () => {
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
  const [plain, created] = [negotiate(accept), negotiate(accept, { openMetricsCreated: true })];
  expect(created.contentType).toBe(plain.contentType);
  expect(created.encoding).not.toBe(plain.encoding);
  expect(negotiate(undefined, { openMetricsCreated: true })).toEqual(textFormat);
});
