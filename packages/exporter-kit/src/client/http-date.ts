const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const time = '(?<time>\\d\\d:\\d\\d:\\d\\d)';

// In the order of RFC 9110, 5.6.7; all three are in UTC.
const forms = [
  `${day}, (?<date>\\d\\d) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${time} GMT`,
  `(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<date>\\d\\d)-(?<month>[A-Z][a-z]{2})-(?<year>\\d\\d) ${time} GMT`,
  `${day} (?<month>[A-Z][a-z]{2}) (?<date>[ \\d]\\d) ${time} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`));

/** The milliseconds since 1970 of an HTTP-date in any form of RFC 9110; `undefined` for other text. */
export function parseHttpDate(text: string): number | undefined {
  const found = forms.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (found === undefined) return undefined;
  const { year, month, date, time } = found as { year: string; month: string; date: string; time: string };
  const [hours, minutes, seconds] = time.split(':').map(Number) as [number, number, number];
  const at = new Date(Date.UTC(fullYear(year), months.indexOf(month), Number(date), hours, minutes, seconds));
  // `Date` turns 30 February into a day in March.
  const exists =
    at.getUTCDate() === Number(date) && at.getUTCMonth() === months.indexOf(month) && at.toISOString().includes(time);
  return exists ? at.getTime() : undefined;
}

/** A two-digit year is at most 50 years in the future. */
function fullYear(year: string): number {
  if (year.length === 4) return Number(year);
  const now = new Date().getUTCFullYear();
  const full = now - (now % 100) + Number(year);
  return full > now + 50 ? full - 100 : full;
}
