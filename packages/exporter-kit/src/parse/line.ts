import { toNumber } from '../metric/canonical.ts';

/** One line of an exposition, and how far it has been read. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its line feed. */
  readonly text: string;
  /** Whether it ended in a line feed, as all but an unfinished last one do. */
  readonly ended: boolean;
  at: number;
}

/** Labels as they were read. Without a prototype, so that `__proto__` and `constructor` are labels like any other. */
export type Labels = { [label: string]: string };

/** Goes through a text line by line. */
export function* splitLines(text: string): Generator<Line> {
  let from = 0;
  for (let number = 1; from < text.length; number++) {
    const end = text.indexOf('\n', from);
    yield { number, text: text.slice(from, end < 0 ? undefined : end), ended: end >= 0, at: 0 };
    if (end < 0) return;
    from = end + 1;
  }
}

/** @throws Error that names the line, says what is wrong with it, and shows its beginning. */
export function fail(line: Line, problem: string): never {
  throw new Error(`line ${line.number}: ${short(problem, 200)}, in: ${short(line.text, 80)}`);
}

/** A piece of the line for a message, in quotes and not too long. */
export function quote(text: string): string {
  return JSON.stringify(short(text, 30));
}

function short(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** What comes next; '' at the end of the line. */
export function peek(line: Line): string {
  return line.text.charAt(line.at);
}

/** Goes past `expected`. */
export function take(line: Line, expected: string): void {
  if (!line.text.startsWith(expected, line.at)) fail(line, `${quote(expected)} is missing before ${rest(line)}`);
  line.at += expected.length;
}

/** Goes past spaces and tabs. */
export function skipBlanks(line: Line): void {
  while (peek(line) === ' ' || peek(line) === '\t') line.at++;
}

const solid = /[^ \t]*/y;

/** Reads up to the next space or tab, or to the end. */
export function readToken(line: Line): string {
  solid.lastIndex = line.at;
  const token = solid.exec(line.text)?.[0] ?? '';
  line.at += token.length;
  return token;
}

const names = { metric: /[a-zA-Z_:][a-zA-Z0-9_:]*/y, label: /[a-zA-Z_][a-zA-Z0-9_]*/y };

/** Reads a name without quotes: letters, digits and `_`, for metrics also `:`. */
export function readName(line: Line, of: 'metric' | 'label'): string {
  const pattern = names[of];
  pattern.lastIndex = line.at;
  const name = pattern.exec(line.text)?.[0];
  if (name === undefined) return fail(line, `a ${of} name is missing before ${rest(line)}`);
  line.at += name.length;
  return name;
}

/** Reads a metric's name as comments have it: any text in quotes, or a legacy name without. */
export function readAnyName(line: Line): string {
  return peek(line) === '"' ? readQuotedName(line, 'metric', true) : readName(line, 'metric');
}

/** Reads what a sample line begins with: `x`, `x{a="b"}` or `{"any text",a="b"}`. `loose` as {@link readLabels} has it. */
export function readSeries(line: Line, loose: boolean): { name: string; labels: Labels } {
  if (peek(line) !== '{') {
    const name = readName(line, 'metric');
    const after = line.at;
    if (loose) skipBlanks(line);
    if (loose && peek(line) !== '{' && line.at === after) fail(line, 'the name is not followed by labels or a blank');
    return { name, labels: readLabels(line, loose) };
  }
  const skip = loose ? skipBlanks : () => {};
  take(line, '{');
  skip(line);
  const name = peek(line) === '"' ? readQuotedName(line, 'metric', loose) : '';
  skip(line);
  if (name === '' || peek(line) === '=') fail(line, 'a metric name is missing; in braces it stands first, in quotes');
  if (peek(line) !== '}') {
    take(line, ',');
    skip(line);
    if (!loose && peek(line) === '}') fail(line, 'there is a comma after the last label');
  }
  return { name, labels: readPairs(line, loose) };
}

// No prototype, so that any name will do; but V8 keeps what `Object.create(null)` makes as a dictionary, and a collector that
// hands on such labels would slow the loop over labels down for all others.
function Bare(): void {}
Bare.prototype = Object.freeze(Object.create(null));
const noLabels = (): Labels => new (Bare as unknown as new () => Labels)();

/** Reads `{a="b","any text"="d"}`, or nothing. With `loose`, there may be blanks around each part and a comma after the last. */
export function readLabels(line: Line, loose: boolean): Labels {
  if (peek(line) !== '{') return noLabels();
  take(line, '{');
  if (loose) skipBlanks(line);
  return readPairs(line, loose);
}

/** The same from behind the brace on. */
function readPairs(line: Line, loose: boolean): Labels {
  const labels: Labels = noLabels();
  const skip = loose ? skipBlanks : () => {};
  while (peek(line) !== '}') {
    const name = peek(line) === '"' ? readQuotedName(line, 'label', loose) : readName(line, 'label');
    if (name === '__name__') fail(line, 'the label "__name__" is reserved');
    if (name in labels) fail(line, `the label ${quote(name)} comes twice`);
    skip(line);
    take(line, '=');
    skip(line);
    labels[name] = readQuoted(line, 'label value', loose);
    skip(line);
    if (peek(line) === '}') break;
    take(line, ',');
    skip(line);
    if (!loose && peek(line) === '}') fail(line, 'there is a comma after the last label');
  }
  take(line, '}');
  return labels;
}

function readQuotedName(line: Line, of: 'metric' | 'label', loose: boolean): string {
  return readQuoted(line, `${of} name`, loose) || fail(line, `a ${of} name is empty`);
}

/** Reads a name or value in its quotes, in which `\\`, `\"` and `\n` stand for what they escape. */
function readQuoted(line: Line, what: string, loose: boolean): string {
  take(line, '"');
  const from = line.at;
  for (let end = line.text.indexOf('"', from); end >= 0; end = line.text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (line.text[end - 1 - slashes] === '\\' && end - 1 - slashes >= from) slashes++;
    if (slashes % 2 === 1) continue;
    line.at = end + 1;
    return undoEscapes(line, line.text.slice(from, end), loose ? 'known' : 'all');
  }
  return fail(line, `a ${what} has no closing quote`);
}

/**
 * Undoes escapes: `\\`, `\n` and `\"`, in a HELP too, as of Prometheus 3. Any other is an error, but with `all`, as in
 * OpenMetrics, it stands for itself.
 */
export function undoEscapes(line: Line, text: string, which: 'known' | 'all'): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.?)/gsu, (whole, char: string) => {
    if (char === 'n') return '\n';
    if (char === '\\' || char === '"') return char;
    if (which === 'all' && char !== '') return whole;
    return fail(line, `${quote(whole)} is no escape here; \\\\, \\n and \\" are`);
  });
}

/** Reads a sample's value. */
export function readValue(line: Line): number {
  const token = readToken(line);
  if (token === '') return fail(line, 'the value is missing');
  return toNumber(token) ?? fail(line, `${quote(token)} is not a number`);
}

/** Says that there is more on the line than there may be. */
export function finish(line: Line): void {
  if (line.at < line.text.length) fail(line, `there is more after the sample: ${rest(line)}`);
}

function rest(line: Line): string {
  const left = line.text.slice(line.at, line.at + 40);
  return left === '' ? 'the end of the line' : quote(left);
}
