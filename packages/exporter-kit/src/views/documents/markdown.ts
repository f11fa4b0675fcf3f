// Characters that have a meaning in the middle of a line of GitHub's Markdown; `_` has one only beside a word.
const special = /[\\`*[\]<>|~]|&(?=#?\w+;)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
// Line ends, and characters that would change the order of those after them.
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** Text of others as Markdown shows it: in a paragraph, a heading or a table. */
export function prose(text: string): string {
  return text.replace(unprintable, ' ').trim().replace(special, '\\$&');
}

/** A name or value of others as code; in a table too. */
export function code(text: string): string {
  const line = text.replace(unprintable, ' ');
  const fence = '`'.repeat(longestRun(line) + 1);
  const pad = /^[` ]|[` ]$/.test(line) ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`.replaceAll('|', '\\|');
}

/** Lines of others as a block of code. */
export function codeBlock(lines: readonly string[]): string {
  const clean = lines.map((line) => line.replace(unprintable, ' '));
  const fence = '`'.repeat(Math.max(3, longestRun(clean.join('\n')) + 1));
  return [fence, ...clean, fence].join('\n');
}

/** A table without the columns that are empty. Cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = head.flatMap((_, i) => (rows.some((row) => row[i] !== '') ? [i] : []));
  const line = (cells: readonly string[]): string => `| ${kept.map((i) => cells[i]).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(kept.length)}`, ...rows.map(line)].join('\n');
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
}
