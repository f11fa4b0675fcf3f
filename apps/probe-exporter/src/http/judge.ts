import { readBody } from './body.ts';
import type { HttpConfig } from './config.ts';
import { type Journey, MOST_REDIRECTS } from './journey.ts';
import type { HttpResponse } from './round-trip.ts';

/** The verdict on the last response. */
export interface Judgement {
  readonly bodyLength: number;
  /** Whether a regular expression failed it. */
  readonly regex: boolean;
  /** Empty if it passes. */
  readonly failures: readonly string[];
}

/** Reads the body of the last response, and validates the response as the module says. */
export async function judge(
  response: HttpResponse,
  { redirects, stopped }: Journey,
  config: HttpConfig,
): Promise<Judgement> {
  const failures: string[] = [];
  const note = (failure: string | undefined): boolean => {
    if (failure !== undefined) failures.push(failure);
    return failure !== undefined;
  };
  note(statusFailure(response, config));
  let regex = failures.length === 0 && note(headerFailure(response, config));
  let bodyLength = 0;
  // As in blackbox_exporter, the body of a redirect that is not followed is not read.
  if (!stopped) {
    const searching = config.fail_if_body_matches_regexp.length + config.fail_if_body_not_matches_regexp.length > 0;
    const { length, text, failure } = await readBody(response.body, config, failures.length === 0 && searching);
    bodyLength = length;
    note(failure);
    if (text !== undefined) regex = note(bodyFailure(text, config)) || regex;
  }
  const { valid_http_versions: versions } = config;
  if (versions.length > 0 && !(versions as readonly string[]).includes(response.version))
    note(`the version is ${response.version}, not ${versions.join(' or ')}`);
  if (response.tls !== undefined && config.fail_if_ssl) note('the response came over TLS');
  if (response.tls === undefined && config.fail_if_not_ssl) note('the response did not come over TLS');
  if (redirects > MOST_REDIRECTS) note(`more than ${MOST_REDIRECTS} redirects`);
  return { bodyLength, regex, failures };
}

function statusFailure({ status }: HttpResponse, { valid_status_codes: valid }: HttpConfig): string | undefined {
  const good = valid.length === 0 ? status >= 200 && status < 300 : valid.includes(status);
  return good ? undefined : `the status is ${status}, not ${valid.length === 0 ? '2xx' : valid.join(' or ')}`;
}

function headerFailure(response: HttpResponse, config: HttpConfig): string | undefined {
  for (const [matches, not] of [
    [config.fail_if_header_matches, false],
    [config.fail_if_header_not_matches, true],
  ] as const) {
    for (const { header, regexp, allow_missing } of matches) {
      const values = response.header(header.toLowerCase());
      if (values.length === 0 && !allow_missing) return `the header ${header} is missing`;
      const matched = values.some((value) => regexp.test(value));
      if (values.length > 0 && matched !== not)
        return `the header ${header} ${not ? 'does not match' : 'matches'} ${regexp}`;
    }
  }
  return undefined;
}

function bodyFailure(text: string, config: HttpConfig): string | undefined {
  const bad = config.fail_if_body_matches_regexp.find((regexp) => regexp.test(text));
  if (bad !== undefined) return `the body matches ${bad}`;
  const missed = config.fail_if_body_not_matches_regexp.find((regexp) => !regexp.test(text));
  return missed === undefined ? undefined : `the body does not match ${missed}`;
}
