import { matches } from './text.ts';

/** Text with `\n` only, as in templates and in git's objects. */
export const plain = (text: string): string => text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');

/**
 * Plain text with the line ends and the byte order mark of another: a line of both keeps its end, a new one ends like most
 * others.
 */
export function endedLike(text: string, model: string): string {
  const mark = model.startsWith('\uFEFF') ? '\uFEFF' : '';
  const ended = model.slice(mark.length).match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const returns = ended.filter((line) => line.endsWith('\r\n')).length;
  const most = returns * 2 > ended.length;
  if (returns === 0) return mark + text;
  if (returns === ended.filter((line) => line.endsWith('\n')).length) return mark + text.replaceAll('\n', '\r\n');
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const from = matches(
    lines,
    ended.map((line) => line.replace(/\r\n$/, '\n')),
  );
  const each = lines.map((line, i) => {
    const at = from.get(i);
    const returned = at === undefined ? most : ended[at]!.endsWith('\r\n');
    return returned ? line.replace(/\n$/, '\r\n') : line;
  });
  return mark + each.join('');
}
