import { type Escaping, escapings } from '../metric/escape.ts';
import { type Encoding, type Encodings, type PageEncoding, texts } from './encode.ts';
import { openMetricsCreatedTexts, openMetricsTexts } from './openmetrics.ts';

/** A format and escaping in which a scrape can be answered. */
export interface Format {
  readonly encoding: Encoding | LazyEncoding;
  /** The response's Content-Type. */
  readonly contentType: string;
  /** Whether it has native histograms. */
  readonly natives: boolean;
}

/** An encoding that is loaded when it is first asked for. */
export interface LazyEncoding {
  load(): Promise<PageEncoding>;
}

/** An offered format: the media type and parameters that clients ask for, and its variant for each escaping. */
interface Offer {
  readonly type: string;
  /** In lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Whether a client must give all parameters: the type has other formats too. */
  readonly strict: boolean;
  readonly formats: { readonly [E in Escaping]: Format };
}

function offer(encodings: Encodings, type: string, version: string): Offer {
  return {
    type,
    parameters: new Map([['version', version]]),
    strict: false,
    formats: formatsOf((escaping) => ({
      encoding: encodings[escaping],
      // Always names its escaping, like Prometheus' own libraries, even if no name needs it.
      contentType: `${type}; version=${version}; charset=utf-8; escaping=${escaping}`,
      natives: false,
    })),
  };
}

const formatsOf = (make: (escaping: Escaping) => Format): Offer['formats'] =>
  Object.fromEntries(escapings.map((escaping) => [escaping, make(escaping)])) as Offer['formats'];

const PROTOBUF = 'application/vnd.google.protobuf';
const MESSAGE = 'io.prometheus.client.MetricFamily';

const protobuf: Offer = {
  type: PROTOBUF,
  parameters: new Map([
    ['proto', MESSAGE.toLowerCase()],
    ['encoding', 'delimited'],
  ]),
  strict: true,
  formats: formatsOf((escaping) => ({
    encoding: { load: async () => (await import('./protobuf/page.ts')).protobufs[escaping] },
    contentType: `${PROTOBUF}; proto=${MESSAGE}; encoding=delimited; escaping=${escaping}`,
    natives: true,
  })),
};

type Offers = readonly [Offer, ...Offer[]];

/** Offered formats; the first wins a tie. */
const offersOf = (openMetrics: Encodings): Offers => [
  offer(texts, 'text/plain', '0.0.4'),
  offer(texts, 'text/plain', '1.0.0'),
  offer(openMetrics, 'application/openmetrics-text', '1.0.0'),
  // Prometheus before 2.34 asks for this, and reads 1.0.0 under that name.
  offer(openMetrics, 'application/openmetrics-text', '0.0.1'),
  protobuf,
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
 * ignored, and so are all parameters but `version` and `escaping`, and `proto` and `encoding` of protobuf. Without a header,
 * for a wildcard, for ties, and if no requested format is offered, this is text 0.0.4, never an error. An absent or unknown
 * `escaping` means `underscores`; for protobuf, whose clause has none in Prometheus 3, it is that of the other clauses.
 *
 * @example
 * negotiate(request.headers.accept).contentType
 */
export function negotiate(accept: string = '', { openMetricsCreated = false }: FormatOptions = {}): Format {
  return openMetricsCreated ? formatWithCreated(accept) : format(accept);
}

const format = remembered((accept) => bestOf(offers, accept));
const formatWithCreated = remembered((accept) => bestOf(offersWithCreated, accept));

function bestOf(offers: Offers, accept: string): Format {
  const clauses = clausesOf(accept);
  let best = textFormat;
  let most = 0;
  for (const offered of offers) {
    const clause = closest(clauses, (one) => mediaRank(one, offered));
    if (clause === undefined || clause.weight <= most) continue;
    best = offered.formats[escapingOf(clause) ?? (offered.strict ? preferredEscaping(clauses) : undefined) ?? DEFAULT];
    most = clause.weight;
  }
  return best;
}

/** Whether the client accepts gzip and does not prefer an uncompressed response. */
export function acceptsGzip(acceptEncoding: string = ''): boolean {
  return isGzipBest(acceptEncoding);
}

const isGzipBest = remembered((acceptEncoding) => {
  const clauses = clausesOf(acceptEncoding);
  const weight = (coding: string): number | undefined =>
    closest(clauses, ({ value }) => (value === coding ? 2 : value === '*' ? 1 : 0))?.weight;
  const gzip = weight('gzip') ?? 0;
  const plain = clauses.some(({ value }) => value === 'identity') ? weight('identity')! : 0;
  return gzip > 0 && gzip >= plain;
});

// A scraper sends the same header each time; others could send any number of long ones.
const MOST_HEADERS = 16;
const LONGEST_HEADER = 1024;

/** A function of a header's value that remembers results. */
function remembered<T>(read: (header: string) => T): (header: string) => T {
  const known = new Map<string, T>();
  return (header) => {
    const result = known.get(header) ?? read(header);
    if (header.length > LONGEST_HEADER || known.has(header)) return result;
    if (known.size === MOST_HEADERS) known.clear();
    known.set(header, result);
    return result;
  };
}

function escapingOf({ parameters }: Clause): Escaping | undefined {
  const wanted = parameters.get('escaping');
  return escapings.find((escaping) => escaping === wanted);
}

/** The escaping of the clause that the client likes most, of those that have one. */
function preferredEscaping(clauses: readonly Clause[]): Escaping | undefined {
  const named = clauses.filter((one) => one.weight > 0 && escapingOf(one) !== undefined);
  const [most] = named.sort((a, b) => b.weight - a.weight);
  return most && escapingOf(most);
}

/** How specifically a clause matches the format; 0 if it does not. */
function mediaRank({ value, parameters }: Clause, offered: Offer): number {
  const { type, strict } = offered;
  if (value === '*/*') return 1;
  if (value === `${type.slice(0, type.indexOf('/'))}/*`) return 2;
  if (value !== type) return 0;
  let rank = 4;
  for (const [name, given] of offered.parameters) {
    const wanted = parameters.get(name);
    if (wanted === undefined && !strict) rank = 3;
    else if (wanted !== given) return 0;
  }
  return rank;
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

function clausesOf(header: string): Clause[] {
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
