import type { Regexp } from 'exporter-kit/regexp';
import type { Validation } from './config.ts';
import type { DnsRecord } from './message.ts';

/** Why the records of a section fail validation; `undefined` if they pass. */
export function recordsFailure(section: string, records: readonly DnsRecord[], rules: Validation): string | undefined {
  const texts = records.map(({ text }) => text);
  const any = (text: string, regexps: readonly Regexp[]): boolean => regexps.some((regexp) => regexp.test(text));
  const all = (text: string, regexps: readonly Regexp[]): boolean => regexps.every((regexp) => regexp.test(text));
  const {
    fail_if_matches_regexp: bad,
    fail_if_all_match_regexp: allBad,
    fail_if_not_matches_regexp: good,
    fail_if_none_matches_regexp: someGood,
  } = rules;
  if (texts.length === 0 && good.length + someGood.length > 0) return `no ${section} record`;
  const found = texts.find((text) => any(text, bad));
  if (found !== undefined) return `an ${section} record matches: ${found}`;
  const missed = texts.find((text) => !all(text, good));
  if (missed !== undefined) return `an ${section} record does not match: ${missed}`;
  // As in blackbox_exporter, and despite its name, "all" fails if one record does not match.
  if (allBad.length > 0 && !texts.every((text) => all(text, allBad))) return `not all ${section} records match`;
  if (someGood.length > 0 && !texts.some((text) => any(text, someGood))) return `no ${section} record matches`;
  return undefined;
}
