import type { Encoding } from './encoding.ts';
import { openMetrics } from './openmetrics.ts';
import { text } from './text.ts';

/** One way to answer a scrape. */
export interface Format {
  readonly encoding: Encoding;
  /** The answer's Content-Type. */
  readonly contentType: string;
}

/** A format and how clients ask for it. */
interface Offer extends Format {
  readonly type: string;
  readonly version: string;
}

function offer(encoding: Encoding, type: string, version: string): Offer {
  // No `escaping`: the kit's names need none, and a Content-Type without it says so.
  return { encoding, type, version, contentType: `${type}; version=${version}; charset=utf-8` };
}

/** What can be served; the earlier one where a client likes two alike. text/plain 1.0.0 would be one more line. */
const offers: readonly Offer[] = [
  offer(text, 'text/plain', '0.0.4'),
  offer(openMetrics, 'application/openmetrics-text', '1.0.0'),
  // What Prometheus before 2.34 asks for; it reads 1.0.0 under that name.
  offer(openMetrics, 'application/openmetrics-text', '0.0.1'),
];

/** The text format 0.0.4: for everyone who does not ask for another one by name. */
export const textFormat: Format = offers[0]!;

/**
 * Chooses the format that the client likes best, by weight and specificity as RFC 9110, section 12.5.1, has them. Clauses
 * that make no sense are passed over; of the parameters only `version` tells formats apart. Without a header, for a
 * wildcard, for ties, and if nothing the client asks for can be served, the answer is text 0.0.4: never an error.
 *
 * @example
 * negotiate(request.headers.accept).contentType
 */
export function negotiate(accept: string | undefined): Format {
  const clauses = clausesOf(accept);
  let best = textFormat;
  let most = 0;
  for (const candidate of offers) {
    const weight = weightOf(clauses, (clause) => mediaRank(clause, candidate));
    if (weight === undefined || weight <= most) continue;
    best = candidate;
    most = weight;
  }
  return best;
}

/** Whether the client takes gzip, and does not like the plain answer better. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const clauses = clausesOf(acceptEncoding);
  const weight = (coding: string): number | undefined =>
    weightOf(clauses, ({ value }) => (value === coding ? 2 : value === '*' ? 1 : 0));
  const gzip = weight('gzip') ?? 0;
  const plain = clauses.some(({ value }) => value === 'identity') ? weight('identity')! : 0;
  return gzip > 0 && gzip >= plain;
}

/** How closely a clause names the format; 0 if it does not. */
function mediaRank({ value, parameters }: Clause, { type, version }: Offer): number {
  if (value === '*/*') return 1;
  if (value === `${type.slice(0, type.indexOf('/'))}/*`) return 2;
  if (value !== type) return 0;
  const wanted = parameters.get('version');
  if (wanted === undefined) return 3;
  return wanted === version ? 4 : 0;
}

/** The weight of the clause that ranks highest; the greatest, where several do. `undefined` if none names it. */
function weightOf(clauses: readonly Clause[], rank: (clause: Clause) => number): number | undefined {
  let highest = 0;
  let weight: number | undefined;
  for (const clause of clauses) {
    const closeness = rank(clause);
    if (closeness === 0 || closeness < highest) continue;
    weight = closeness === highest ? Math.max(weight ?? 0, clause.weight) : clause.weight;
    highest = closeness;
  }
  return weight;
}

/** One item of an Accept header, or of one like it, in lower case. */
interface Clause {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1; 0 means not at all. */
  readonly weight: number;
}

const betweenCommas = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/gs;
const betweenSemicolons = /(?:[^;"]|"(?:[^"\\]|\\.)*"?)+/gs;

function clausesOf(header = ''): Clause[] {
  return (header.toLowerCase().match(betweenCommas) ?? []).flatMap((item) => {
    const [value = '', ...rest] = item.match(betweenSemicolons) ?? [];
    const parameters = new Map(rest.map(parameterOf));
    const weight = parameters.get('q') ?? '1';
    // Prometheus 2.49 sends "*/*;q=2"; it has named what it likes before.
    if (!/^(?:\d+(?:\.\d*)?|\.\d+)$/.test(weight) || Number(weight) > 1) return [];
    return [{ value: value.trim(), parameters, weight: Number(weight) }];
  });
}

function parameterOf(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  const name = (at < 0 ? text : text.slice(0, at)).trim();
  const value = at < 0 ? '' : text.slice(at + 1).trim();
  const quoted = /^"(.*)"$/s.exec(value)?.[1];
  return [name, quoted === undefined ? value : quoted.replace(/\\(.)/gs, '$1')];
}
