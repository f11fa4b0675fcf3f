import { toNumber } from '../metric/canonical.ts';

/** One line of an exposition, and the reading position in it. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its line feed. */
  readonly text: string;
  /** Whether it ends with a line feed; false only for an unfinished last line. */
  readonly ended: boolean;
  at: number;
}

/** Labels by name, without a prototype: `__proto__` and `constructor` are ordinary names here. */
export type Labels = { [label: string]: string };

/** The lines of a text, one after another. */
export function* splitLines(text: string): Generator<Line> {
  let from = 0;
  for (let number = 1; from < text.length; number++) {
    const end = text.indexOf('\n', from);
    yield { number, text: text.slice(from, end < 0 ? undefined : end), ended: end >= 0, at: 0 };
    if (end < 0) return;
    from = end + 1;
  }
}

/** @throws Error with the line number, the problem, and the beginning of the line. */
export function fail(line: Line, problem: string): never {
  throw new Error(`line ${line.number}: ${short(problem, 200)}, in: ${short(line.text, 80)}`);
}

/** A piece of a line for a message: quoted, and cut if long. */
export function quote(text: string): string {
  return JSON.stringify(short(text, 30));
}

function short(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** The next character; '' at the end of the line. */
export function peek(line: Line): string {
  return line.text.charAt(line.at);
}

/** Skips `expected`. @throws Error if something else comes next. */
export function take(line: Line, expected: string): void {
  if (!line.text.startsWith(expected, line.at)) fail(line, `${quote(expected)} is missing before ${rest(line)}`);
  line.at += expected.length;
}

/** Skips spaces and tabs. */
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

/** Reads an unquoted name: letters, digits and `_`, for metrics also `:`. */
export function readName(line: Line, of: 'metric' | 'label'): string {
  const pattern = names[of];
  pattern.lastIndex = line.at;
  const name = pattern.exec(line.text)?.[0];
  if (name === undefined) return fail(line, `a ${of} name is missing before ${rest(line)}`);
  line.at += name.length;
  return name;
}

/** Reads the metric name of a comment: any text in quotes, or a legacy name without quotes. */
export function readAnyName(line: Line): string {
  return peek(line) === '"' ? readQuotedName(line, 'metric', true) : readName(line, 'metric');
}

/** Reads the beginning of a sample line: `x`, `x{a="b"}` or `{"any text",a="b"}`. For `loose`, see {@link readLabels}. */
export function readSeries(line: Line, loose: boolean): { name: string; labels: Labels } {
  if (peek(line) !== '{') {
    const name = readName(line, 'metric');
    const after = line.at;
    if (loose) skipBlanks(line);
    if (loose && peek(line) !== '{' && line.at === after) fail(line, 'the name must be followed by labels or a space');
    return { name, labels: readLabels(line, loose) };
  }
  const skip = loose ? skipBlanks : () => {};
  take(line, '{');
  skip(line);
  const name = peek(line) === '"' ? readQuotedName(line, 'metric', loose) : '';
  skip(line);
  if (name === '' || peek(line) === '=')
    fail(line, 'a metric name is missing; inside braces it comes first, in quotes');
  if (peek(line) !== '}') {
    take(line, ',');
    skip(line);
    if (!loose && peek(line) === '}') fail(line, 'there is a comma after the last label');
  }
  return { name, labels: readPairs(line, loose) };
}

// Not `Object.create(null)`: V8 keeps such objects as dictionaries, and a collector that passed them on would slow down the
// loop over labels for all collectors.
function Bare(): void {}
Bare.prototype = Object.freeze(Object.create(null));
const noLabels = (): Labels => new (Bare as unknown as new () => Labels)();

/** Reads `{a="b","any text"="d"}`, if there is one. `loose` allows blanks around each part, and a trailing comma. */
export function readLabels(line: Line, loose: boolean): Labels {
  if (peek(line) !== '{') return noLabels();
  take(line, '{');
  if (loose) skipBlanks(line);
  return readPairs(line, loose);
}

/** The same, after the opening brace. */
function readPairs(line: Line, loose: boolean): Labels {
  const labels: Labels = noLabels();
  const skip = loose ? skipBlanks : () => {};
  while (peek(line) !== '}') {
    const name = peek(line) === '"' ? readQuotedName(line, 'label', loose) : readName(line, 'label');
    if (name === '__name__') fail(line, 'the label "__name__" is reserved');
    if (name in labels) fail(line, `duplicate label ${quote(name)}`);
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

/** Reads a name or value in quotes, in which `\\`, `\"` and `\n` are escapes. */
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
 * Resolves the escapes `\\`, `\n` and `\"`, also in HELP, as Prometheus 3 does. Any other escape is an error with `known`, and
 * left as it is with `all`, as in OpenMetrics.
 */
export function undoEscapes(line: Line, text: string, which: 'known' | 'all'): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.?)/gsu, (whole, char: string) => {
    if (char === 'n') return '\n';
    if (char === '\\' || char === '"') return char;
    if (which === 'all' && char !== '') return whole;
    return fail(line, `${quote(whole)} is not a valid escape; use \\\\, \\n or \\"`);
  });
}

/** Reads a sample's value. */
export function readValue(line: Line): number {
  const token = readToken(line);
  if (token === '') return fail(line, 'the value is missing');
  return toNumber(token) ?? fail(line, `${quote(token)} is not a number`);
}

/** @throws Error unless the line ends here. */
export function finish(line: Line): void {
  if (line.at < line.text.length) fail(line, `unexpected text after the sample: ${rest(line)}`);
}

function rest(line: Line): string {
  const left = line.text.slice(line.at, line.at + 40);
  return left === '' ? 'the end of the line' : quote(left);
}
