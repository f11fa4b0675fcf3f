import { counter, gauge } from 'exporter-kit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nameProblem, spellings, titleProblem } from './names.ts';

const awkward =
  'delete class await exporter job process bytes ms s h counter gauge kilobytes minutes volts metres acme widget map aux';
const word = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z0-9]{1,9}$/) },
  { weight: 2, arbitrary: fc.constantFrom(...awkward.split(' ')) },
);
const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('-'));

it('spells a name', () => {
  expect(spellings('acme-queue-2')).toEqual({
    kebab: 'acme-queue-2',
    camel: 'acmeQueue2',
    pascal: 'AcmeQueue2',
    snake: 'acme_queue_2',
    constant: 'ACME_QUEUE_2',
    title: 'Acme Queue 2',
  });
  expect(spellings('redis', 'Redis (eu)').title).toBe('Redis (eu)');
});

it('accepts only what is an identifier, a metric name, a package name and a DNS label', () => {
  fc.assert(
    fc.property(name, (kebab) => {
      if (nameProblem(kebab) !== undefined) return;
      const { camel, pascal, snake, constant } = spellings(kebab);
      for (const identifier of [camel, pascal, snake, constant]) {
        expect(() => new Function(`'use strict'; async () => { const ${identifier} = 1; }`)).not.toThrow();
      }
      expect(`${kebab}-exporter`).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      gauge({ name: `${snake}_items`, help: 'x' });
      gauge({ name: `${snake}_read_bytes`, help: 'x', unit: 'bytes' });
      counter({ name: `${snake}_handled_total`, help: 'x' });
    }),
    { numRuns: 2000 },
  );
});

it('refuses nothing that all of them accept', () => {
  for (const good of [
    'a',
    'redis',
    'acme-queue',
    'acme',
    'widget',
    'acme-widget-pro',
    'x2',
    'bytes-store',
    'http',
    'ms-sql',
    'cash-summary',
  ]) {
    expect(nameProblem(good)).toBeUndefined();
  }
});

it.each([
  ['', /missing/],
  ['Acme', /kebab-case/],
  ['acme_queue', /kebab-case/],
  ['2fa', /kebab-case/],
  ['-a', /kebab-case/],
  ['a-', /kebab-case/],
  ['a--b', /kebab-case/],
  ['../up', /kebab-case/],
  ['a/b', /kebab-case/],
  ['straße', /kebab-case/],
  ['a b', /kebab-case/],
  ['a\n', /kebab-case/],
  ['a'.repeat(41), /41 characters/],
  ['acme-queue-exporter', /use "acme-queue"/],
  ['acme-job', /use "acme"/],
  ['acme-app', /use "acme"/],
  ['collector-acme', /use "acme"/],
  ['delete', /reserved word/],
  ['await', /reserved word/],
  ['nul', /file name on Windows/],
  ['process', /metrics or collectors in the kit/],
  ['node-runtime', /metrics or collectors in the kit/],
  ['web', /settings/],
  ['queue-ms', /abbreviated unit/],
  ['my-counter', /metric's type/],
  ['kilobytes-sent', /not a base unit/],
  ['office-hours', /not a base unit/],
])('refuses %j with its reason', (bad, reason) => {
  expect(nameProblem(bad)).toMatch(reason);
});

it('accepts titles that need no escaping anywhere', () => {
  for (const good of ['Acme Queue', 'Größe 2.0 (eu)', 'R&D / CI', '東京']) expect(titleProblem(good)).toBeUndefined();
  for (const bad of ['', ' a', 'a ', "Joe's", 'a"b', 'a`b', '$a', 'a*/b', 'a\nb', '<b>', 'x'.repeat(61), '{{a}}']) {
    expect(titleProblem(bad)).toMatch(/not a valid title/);
  }
});
