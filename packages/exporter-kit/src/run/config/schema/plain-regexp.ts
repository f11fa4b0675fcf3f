import type { Regexp } from './regexp.ts';

// What means the same in RE2's syntax and in JavaScript's: literal characters, groups without a quantifier, ASCII digits, simple classes.
const PLAIN =
  /^(?:[\w\s/:@,;=%&~"'<>#!-]|\\[d./$()|+*?^[\]{}]|[.^$|]|[*+?](?![*+?])|\((?!\?)|\(\?:|\)(?![*+?])|\[[\w-]+\])*$/;

/**
 * An expression by JavaScript's own RegExp, which is loaded already and many times as fast; for expressions of the program's
 * author only, since some take time of a power of the text's length. `undefined` if RE2 might understand something else.
 */
export function plainRegexp(source: string): Regexp | undefined {
  if (!PLAIN.test(source)) return undefined;
  let re: RegExp;
  try {
    // RE2's dot is every character but the end of a line.
    re = new RegExp(
      source.replace(/\\.|\./g, (part) => (part === '.' ? '[^\\n]' : part)),
      'u',
    );
  } catch {
    return undefined; // RE2 says why
  }
  return {
    source,
    test: (text) => re.test(text),
    match(text) {
      const found = re.exec(text);
      // It has no named groups.
      return found === null ? undefined : { group: (which) => (typeof which === 'number' ? (found[which] ?? '') : '') };
    },
    toString: () => `/${source}/`,
  };
}
