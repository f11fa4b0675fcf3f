import { expect, it } from 'vitest';
import { compileRegexp, regexp } from './regexp.ts';

// What Go 1.26's regexp.MatchString says of the same.
it.each<[source: string, text: string, found: boolean]>([
  ['(?i)WORLD$', 'hello world', true],
  ['world$', 'world\n', false],
  ['(?m)world$', 'world\n', true],
  ['\\Aa.b\\z', 'a\nb', false],
  ['(?s)\\Aa.b\\z', 'a\nb', true],
  ['(?i)a(?-i)B', 'AB', true],
  ['(?i)a(?-i)B', 'Ab', false],
  ['\\Qa.b\\E', 'axb', false],
  ['[[:alpha:]]+', '42', false],
  ['\\s', '\v', false],
  ['\\w', 'é', false],
  ['\\pL', 'é', true],
  ['^.$', '😀', true],
  ['\\bé', 'é', false],
  ['(?U)a+', 'aa', true],
  ['a{,2}', 'a{,2}', true],
  ['\\x{1F600}', '😀', true],
  ['', '', true],
])('%s in %j', (source, text, found) => {
  expect(compileRegexp(source).test(text)).toBe(found);
});

it.each(['(?=a)', '(?<!a)b', '(a)\\1', 'a{1001}', 'x**', '\\Z', '\\h', '[[:word:]', '(', 'a)', '(?P=n)', '\\C', '*'])(
  'is refused, as by RE2: %s',
  (source) => {
    expect(() => compileRegexp(source)).toThrow(SyntaxError);
    expect(() => compileRegexp(source)).toThrow(/^error parsing regexp: /);
    expect(regexp().safeParse(source).error?.issues[0]?.message).toMatch(/^error parsing regexp: /);
  },
);

it('has groups by number and name; what took no section is empty', () => {
  const found = compileRegexp('^(?P<program>[a-z]+)-(\\d+)(x)?').match('redis-7')!;
  expect([0, 1, 2, 3, 4].map((n) => found.group(n))).toEqual(['redis-7', 'redis', '7', '', '']);
  expect(found.group('program')).toBe('redis');
  expect(found.group('constructor')).toBe('');
  expect(compileRegexp('b').match('a')).toBeUndefined();
});

it('takes time linear in the text', () => {
  const evil = compileRegexp('^(([a-z])+.)+[A-Z]([a-z])+$');
  expect(evil.test('a'.repeat(100_000))).toBe(false);
});

it('has a preset, checked when it is declared', () => {
  expect(regexp('^a').parse(undefined).test('ab')).toBe(true);
  expect(() => regexp('(')).toThrow(/error parsing regexp/);
});
