import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';
import { pathText, readStrictYaml } from './strict-yaml.ts';

const SECRET = 'hunter2';

describe('a strict YAML reader', () => {
  it('gives plain data, the line of each key, and what was written', async () => {
    const yaml = await readStrictYaml(
      '# first\na: 1\nb:\n  - x\n  - c: yes\n    "d": 0123\n__proto__: 2\n1.50: &\n'.replace('&', "'q'"),
      'f.yml',
    );
    expect(yaml.value).toEqual(
      Object.fromEntries([
        ['a', 1],
        ['b', ['x', { c: 'yes', d: 123 }]],
        ['__proto__', 2],
        ['1.50', 'q'],
      ]),
    );
    expect(yaml.where(['a'])).toBe('f.yml:2');
    expect(yaml.where(['b', 1, 'd'])).toBe('f.yml:6');
    expect(yaml.where(['b', 1, 'not', 'here'])).toBe('f.yml:5');
    expect(yaml.where(['nowhere'])).toBe('f.yml:1');
    expect(yaml.written(['b', 1, 'd'])).toBe('0123');
    expect(yaml.written(['1.50'])).toBe('q');
    expect(yaml.written(['b'])).toBeUndefined();
  });

  it.each(['', '# nothing\n', '---\n', 'null\n'])('finds nothing in %j', async (text) => {
    expect((await readStrictYaml(text, 'f')).value).toBeUndefined();
  });

  it.each([
    ['a: 1\nb:\n  c: 1\n  c: hunter2\n', /^f\.yml:4: b\.c: duplicate key, first on line 3; remove one\.$/],
    ['a: !!str hunter2', /^f\.yml:1: a: tags are not allowed/],
    ['a:\n  - !include hunter2', /^f\.yml:2: tags are not allowed/],
    ['!!map {a: hunter2}', /tags are not allowed/],
    ['a: &x hunter2\nb: *x', /^f\.yml:1: a: anchors and aliases are not allowed/],
    ['a: *hunter2', /^f\.yml:1: a: anchors and aliases/],
    ['a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]', /anchors and aliases/],
    ['? [hunter2]\n: 1', /^f\.yml:1: keys must be plain scalars/],
    ['!!str a: 1', /keys must be plain scalars|tags/],
    ['a: 1\n---\nb: hunter2', /^f\.yml:2: a second document/],
    ['%YAML 9\n---\na: hunter2', /^f\.yml:1: /],
    ['a:\n\tb: hunter2', /^f\.yml:2: indented with tabs/],
    ['a: "hunter2', /^f\.yml:1: missing quote, bracket or colon/],
    ['a: "hunter2\\q"', /invalid escape/],
    ['a: hunter2\n hunter2: b\nc', /^f\.yml:\d: /],
    ['[a: hunter2', /^f\.yml:\d: /],
    [`${'['.repeat(40)}${']'.repeat(40)}`, /more than 32 levels deep/],
  ])('refuses %j in one line', async (text, message) => {
    const error: Error = await readStrictYaml(text, 'f.yml').then(
      () => new Error('was read'),
      (err) => err,
    );
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/\n/);
    expect(error.message).not.toContain(SECRET);
  });

  it('refuses what is too deep or too large', async () => {
    for (const deep of ['[', '- ', '? ', '{a: ', 'a: [']) {
      await expect(readStrictYaml(deep.repeat(100_000), 'f.yml')).rejects.toThrow(
        /^f\.yml:1: nested more than 32 levels/,
      );
    }
    await expect(readStrictYaml('x'.repeat(2 ** 20 + 1), 'f.yml')).rejects.toThrow(/^f\.yml: larger than 1 MiB/);
  });
});

it('names a path as it is read', () => {
  expect(pathText(['tls_server_config', 'cipher_suites', 0])).toBe('tls_server_config.cipher_suites[0]');
});

it('finds the nearest name', () => {
  expect(nearest('cert_fiel', ['key_file', 'cert_file'])).toBe('cert_file');
  expect(nearest('zzz', ['key_file', 'cert_file'])).toBeUndefined();
});
