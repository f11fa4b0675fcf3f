import { z } from 'exporter-kit/config';

const classes: { readonly [name: string]: string } = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: '\\t ',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/**
 * A regular expression as Go writes it, as far as JavaScript can say the same: with `(?i)`, `(?s)`, `(?m)` at its start,
 * `(?P<name>…)`, `\A`, `\z` and `[[:alpha:]]`.
 *
 * @throws SyntaxError when it is none.
 */
export function goRegExp(text: string): RegExp {
  const [, flags = '', pattern = ''] = /^(?:\(\?([ims]+)\))?([\s\S]*)$/.exec(text) ?? [];
  const translated = pattern
    .replace(/\(\?P</g, '(?<')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole)
    .replace(/\\(.)/g, (whole, char: string) => (char === 'A' ? '^' : char === 'z' ? '$' : whole));
  // `^` and `$` of a text without `m` mean its ends, in both.
  return new RegExp(translated, flags);
}

/** A setting that is a regular expression. */
export const regexp: z.ZodPipe<z.ZodString, z.ZodTransform<RegExp, string>> = z
  .string()
  .transform((text, { issues }) => {
    try {
      return goRegExp(text);
    } catch (error) {
      issues.push({ code: 'custom', input: text, message: (error as Error).message });
      return z.NEVER;
    }
  });
