import { expect, it } from 'vitest';
import { plainRegexp } from './plain-regexp.ts';
import { compileRegexp, regexp } from './regexp.ts';

const sources = [
  '^(z?ram|loop|fd|nvme)[0-9]*$',
  '^(z?ram|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$',
  '^(autofs|fuse.lxcfs|proc)$',
  '^/(dev|run/credentials/.+|var/lib/docker/.+)($|/)',
  '^(oom_kill|pgpg|pswp|pg.*fault).*',
  '^lo$|^veth.+x',
  '(?:a|ab)(c|bcd)(d*)',
  'a\\.b\\|c',
  '^.$',
  '',
];
const texts = [
  'ram0',
  'zram12',
  'loop',
  'sda',
  'sda1',
  'nvme0n1p2',
  'ram٣',
  'fuse.lxcfs',
  'fusexlxcfs',
  '/dev',
  '/device',
  '/run/credentials/x',
  'pgmajfault',
].concat(['lo', 'vethabx', 'abcd', 'a.b|c', 'a\r', '\n', '\r', '\u2028', '😀', 'lo\n', '']);

it.each(sources)('%s means the same as to RE2', (source) => {
  const [plain, re2] = [plainRegexp(source)!, compileRegexp(source)];
  for (const text of texts) {
    expect(plain.test(text), text).toBe(re2.test(text));
    const [ours, theirs] = [plain.match(text), re2.match(text)];
    expect(
      [0, 1, 2, 3, 4, 'name'].map((which) => ours?.group(which)),
      text,
    ).toEqual([0, 1, 2, 3, 4, 'name'].map((which) => theirs?.group(which)));
  }
  expect(String(plain)).toBe(String(re2));
});

it.each([
  '(?i)a',
  '(a+)+',
  '(a)?',
  '\\s',
  '\\z',
  '[[:alpha:]]',
  '[^a]',
  'a{2}',
  '\\pL',
  '(?P<name>a)',
  'é',
  'a**',
  '(',
  '[z-a]',
])('leaves to RE2: %s', (source) => {
  expect(plainRegexp(source)).toBeUndefined();
});

it('is for the preset alone', () => {
  const evil = regexp('^a.+b.+c.+d$');
  expect(evil.parse('^(([a-z])+.)+[A-Z]([a-z])+$').test('a'.repeat(100_000))).toBe(false);
  expect(evil.parse(undefined).test('a1b2c3d')).toBe(true);
});
