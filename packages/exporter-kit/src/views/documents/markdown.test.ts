import { expect, it } from 'vitest';
import { code, codeBlock, prose, table } from './markdown.ts';

it('shows text of others as it is', () => {
  expect(prose('a|b <script> *c* [d](e) `f` ~~g~~ &amp; R&D')).toBe(
    '\\a\\|b \\<script\\> \\*c\\* \\[d\\](e) \\`f\\` \\~\\~g\\~\\~ \\&amp; R&D'.slice(1),
  );
  expect(prose('node_load1 _x_ a\n# b\u202ec')).toBe('node_load1 \\_x\\_ a # b c');
});

it('shows names as code, whatever is in them', () => {
  expect(code('up')).toBe('`up`');
  expect(code('a|b')).toBe('`a\\|b`');
  expect(code('a``b')).toBe('```a``b```');
  expect(code('`a')).toBe('`` `a ``');
});

it('fences lines that have fences', () => {
  expect(codeBlock(['a{x="```"} 1'])).toBe('````\na{x="```"} 1\n````');
});

it('leaves empty columns out of a table', () => {
  expect(
    table(
      ['a', 'b', 'c'],
      [
        ['1', '', '2'],
        ['3', '', ''],
      ],
    ),
  ).toBe('| a | c |\n|---|---|\n| 1 | 2 |\n| 3 |  |');
});
