import { type Escaping, escapings } from '../metric/escape.ts';
import { type Encoding, type Encodings, texts } from './encode.ts';
import { openMetricsCreatedTexts, openMetricsTexts } from './openmetrics.ts';

/** A format and escaping in which a scrape can be answered. */
export interface Format {
  readonly encoding: Encoding;
  /** The response's Content-Type. */
  readonly contentType: string;
}

/** An offered format: the media type and version that clients ask for, and its variant for each escaping. */
interface Offer {
  readonly type: string;
  readonly version: string;
  readonly formats: { readonly [E in Escaping]: Format };
}

function offer(encodings: Encodings, type: string, version: string): Offer {
  // Always names its escaping, like Prometheus' own libraries, even if no name needs it.
  const format = (escaping: Escaping): Format => ({
    encoding: encodings[escaping],
    contentType: `${type}; version=${version}; charset=utf-8; escaping=${escaping}`,
  });
  const formats = Object.fromEntries(escapings.map((escaping) => [escaping, format(escaping)]));
  return { type, version, formats: formats as Offer['formats'] };
}

type Offers = readonly [Offer, ...Offer[]];

/** Offered formats; the first wins a tie. */
const offersOf = (openMetrics: Encodings): Offers => [
  offer(texts, 'text/plain', '0.0.4'),
  offer(texts, 'text/plain', '1.0.0'),
  offer(openMetrics, 'application/openmetrics-text', '1.0.0'),
  // Prometheus before 2.34 asks for this, and reads 1.0.0 under that name.
  offer(openMetrics, 'application/openmetrics-text', '0.0.1'),
];

const offers = offersOf(openMetricsTexts);
const offersWithCreated = offersOf(openMetricsCreatedTexts);

/** What {@link negotiate} offers. */
export interface FormatOptions {
  /**
   * Whether OpenMetrics has a `_created` line for each counter and histogram that is known to have begun at some time; default
   * `false`, since scrapers without that feature keep it as a series.
   */
  readonly openMetricsCreated?: boolean;
}

/** For clients that name no escaping. Source: prometheus.io/docs/instrumenting/escaping_schemes. */
const DEFAULT: Escaping = 'underscores';

/** The text format 0.0.4, the default. */
export const textFormat: Format = offers[0].formats[DEFAULT];

/**
 * Chooses the format that the client prefers, by weight and specificity (RFC 9110, section 12.5.1). Invalid clauses are
 * ignored, and so are all parameters but `version` and `escaping`. Without a header, for a wildcard, for ties, and if no
 * requested format is offered, this is text 0.0.4, never an error. An absent or unknown `escaping` means `underscores`.
 *
 * @example
 * negotiate(request.headers.accept).contentType
 */
export function negotiate(accept: string | undefined, { openMetricsCreated = false }: FormatOptions = {}): Format {
  const clauses = clausesOf(accept);
  let best = textFormat;
  let most = 0;
  for (const { type, version, formats } of openMetricsCreated ? offersWithCreated : offers) {
    const clause = closest(clauses, (one) => mediaRank(one, type, version));
    if (clause === undefined || clause.weight <= most) continue;
    best = formats[escapings.find((escaping) => escaping === clause.parameters.get('escaping')) ?? DEFAULT];
    most = clause.weight;
  }
  return best;
}

/** Whether the client accepts gzip and does not prefer an uncompressed response. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const clauses = clausesOf(acceptEncoding);
  const weight = (coding: string): number | undefined =>
    closest(clauses, ({ value }) => (value === coding ? 2 : value === '*' ? 1 : 0))?.weight;
  const gzip = weight('gzip') ?? 0;
  const plain = clauses.some(({ value }) => value === 'identity') ? weight('identity')! : 0;
  return gzip > 0 && gzip >= plain;
}

/** How specifically a clause matches the format; 0 if it does not. */
function mediaRank({ value, parameters }: Clause, type: string, version: string): number {
  if (value === '*/*') return 1;
  if (value === `${type.slice(0, type.indexOf('/'))}/*`) return 2;
  if (value !== type) return 0;
  const wanted = parameters.get('version');
  if (wanted === undefined) return 3;
  return wanted === version ? 4 : 0;
}

/** The most specific matching clause, with the greatest weight among equals; `undefined` if none matches. */
function closest(clauses: readonly Clause[], rank: (clause: Clause) => number): Clause | undefined {
  let highest = 0;
  let best: Clause | undefined;
  for (const clause of clauses) {
    const closeness = rank(clause);
    if (closeness === 0 || closeness < highest) continue;
    if (best !== undefined && closeness === highest && clause.weight <= best.weight) continue;
    best = clause;
    highest = closeness;
  }
  return best;
}

/** One item of an Accept or Accept-Encoding header, in lower case. */
interface Clause {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1; 0 means not acceptable. */
  readonly weight: number;
}

const betweenCommas = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/gs;
const betweenSemicolons = /(?:[^;"]|"(?:[^"\\]|\\.)*"?)+/gs;

function clausesOf(header = ''): Clause[] {
  return (header.toLowerCase().match(betweenCommas) ?? []).flatMap((item) => {
    const [value = '', ...rest] = item.match(betweenSemicolons) ?? [];
    const parameters = new Map(rest.map(parameterOf));
    const weight = parameters.get('q') ?? '1';
    // Prometheus 2.49 sends an invalid "*/*;q=2" after the formats that it prefers.
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
