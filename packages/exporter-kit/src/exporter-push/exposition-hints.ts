import type { Line } from '../parse/line.ts';

/** Common mistakes of shells and other programs: patterns of a line, and what to write instead. */
const hints: readonly (readonly [looks: RegExp, hint: string])[] = [
  [/^\uFEFF/, 'the file begins with a byte order mark; write it without one'],
  [/\r$/, 'the line ends in a carriage return, as on Windows; convert the file: tr -d "\\r"'],
  [/^\s*[a-zA-Z_:][\w:]*\s*$/, 'the value after the name is missing; was a variable empty?'],
  [/^[^{]*\{[^}]*\}\s*$/, 'the value after the labels is missing; was a variable empty?'],
  [
    /\{(?:[^"]*"[^"]*")*[^"]*=\s*[^"\s]/,
    'label values must be in double quotes, which the shell removes unless they are quoted: echo \'x{a="b"} 1\'',
  ],
  [/="(?:[^"\\]|\\.)*$/, 'a label value must end on the same line; write a line break in it as \\n'],
  [/\{[^"}]*[-.][^"}]*=/, 'label names consist of letters, digits and "_"'],
  [/^\s*\d/, 'a name must not start with a digit'],
  [/^[^{"]*'/, 'use double quotes'],
  [/^\s*[a-zA-Z_:][\w:]*\s*[=]/, 'separate name and value by a space: backup_bytes 1024'],
  [/^\s*[\w:]+[-./][^{]*/, 'names consist of letters, digits, "_" and ":"'],
  [/\s(?:yes|no|true|false|ok|up|down)\s*$/i, 'a value must be a number: 1 or 0'],
  [/\s[+-]?\d+,\d+\s*$/, 'use a decimal point: 1.5'],
  [/\s[+-]?[\d.]+\s*(?:%|[a-zA-Z]+)\s*$/, 'a value must be a plain number, in base units: 1024, not 1K'],
  [/^\s*#\s*TYPE\s+\S+\s*$/, 'write for example: # TYPE backup_bytes gauge'],
];

/** Handwritten lines are shorter, and some of the patterns are slow for longer ones. */
const LONGEST = 2000;

/** A hint for an invalid line, if it looks like a common mistake. */
export function hintFor({ text, ended }: Pick<Line, 'text' | 'ended'>): string | undefined {
  if (text.length > LONGEST) return undefined;
  if (text.startsWith('#') && !/TYPE/.test(text)) return undefined;
  const found = hints.find(([looks]) => looks.test(text))?.[1];
  return found ?? (ended ? undefined : 'was the file cut short? echo and printf "%s\\n" end their lines');
}
