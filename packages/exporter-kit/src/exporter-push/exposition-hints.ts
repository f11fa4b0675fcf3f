import type { Line } from '../parse/line.ts';

/** Mistakes that shells and other programs lead to, by what a line with them looks like, and what to write instead. */
const hints: readonly (readonly [looks: RegExp, hint: string])[] = [
  [/^\uFEFF/, 'the file begins with a byte order mark; write it without one'],
  [/\r$/, 'the line ends in a carriage return, as on Windows; convert the file: tr -d "\\r"'],
  [/^\s*[a-zA-Z_:][\w:]*\s*$/, 'after the name comes a value; was a variable empty?'],
  [/^[^{]*\{[^}]*\}\s*$/, 'after the labels comes a value; was a variable empty?'],
  [
    /\{(?:[^"]*"[^"]*")*[^"]*=\s*[^"\s]/,
    'label values stand in double quotes, which the shell takes away unless it is told: echo \'x{a="b"} 1\'',
  ],
  [/="(?:[^"\\]|\\.)*$/, 'a value goes on to its closing quote in the same line; a line end in it is written \\n'],
  [/\{[^"}]*[-.][^"}]*=/, 'names of labels are made of letters, digits and "_"'],
  [/^\s*\d/, 'a name does not begin with a digit'],
  [/^[^{"]*'/, 'quotes are double quotes'],
  [/^\s*[a-zA-Z_:][\w:]*\s*[=]/, 'between name and value there is a blank: backup_bytes 1024'],
  [/^\s*[\w:]+[-./][^{]*/, 'names are made of letters, digits, "_" and ":"'],
  [/\s(?:yes|no|true|false|ok|up|down)\s*$/i, 'a value is a number: 1 or 0'],
  [/\s[+-]?\d+,\d+\s*$/, 'decimals have a point: 1.5'],
  [/\s[+-]?[\d.]+\s*(?:%|[a-zA-Z]+)\s*$/, 'a value is a bare number, in base units: 1024, not 1K'],
  [/^\s*#\s*TYPE\s+\S+\s*$/, 'write for example: # TYPE backup_bytes gauge'],
];

/** A line that a human has written is shorter, and there are expressions that take long for a longer one. */
const LONGEST = 2000;

/** What to write instead of a line that is wrong, where its looks tell. */
export function hintFor({ text, ended }: Pick<Line, 'text' | 'ended'>): string | undefined {
  if (text.length > LONGEST) return undefined;
  if (text.startsWith('#') && !/TYPE/.test(text)) return undefined;
  const found = hints.find(([looks]) => looks.test(text))?.[1];
  return found ?? (ended ? undefined : 'was the file cut short? echo and printf "%s\\n" end their lines');
}
