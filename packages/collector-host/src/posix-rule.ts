/** A time zone at a moment: `CET`, 3600. */
export interface Zone {
  readonly abbreviation: string;
  /** East of Greenwich. */
  readonly offsetSeconds: number;
}

const name = '(<[^>]+>|[A-Za-z]{3,})';
const time = '([+-]?\\d{1,3}(?::\\d{1,2}){0,2})';
const day = `,([JM\\d.]+)(?:/${time})?`;
const syntax = new RegExp(`^${name}${time}(?:${name}${time}?(?:${day}${day})?)?$`);

/**
 * The time zone of a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`. Source: POSIX, `TZ`.
 *
 * @throws Error if it is invalid.
 */
export function byRule(rule: string, unixSeconds: number): Zone {
  const match = syntax.exec(rule);
  if (match === null) throw new Error(`${JSON.stringify(rule)} is not a POSIX time zone rule.`);
  const [, standard, west, summer, summerWest, from, fromTime = '2', to, toTime = '2'] = match;
  const winter = { abbreviation: plain(standard!), offsetSeconds: 0 - seconds(west!) };
  if (summer === undefined) return winter;
  const summerOffset = summerWest === undefined ? winter.offsetSeconds + 3600 : 0 - seconds(summerWest);
  // Without dates those of the United States hold.
  const [first = 'M3.2.0', last = 'M11.1.0'] = [from, to];
  const year = new Date((unixSeconds + winter.offsetSeconds) * 1000).getUTCFullYear();
  const begins = dayIn(year, first) + seconds(fromTime) - winter.offsetSeconds;
  const ends = dayIn(year, last) + seconds(toTime) - summerOffset;
  const isSummer =
    begins < ends ? begins <= unixSeconds && unixSeconds < ends : !(ends <= unixSeconds && unixSeconds < begins);
  return isSummer ? { abbreviation: plain(summer), offsetSeconds: summerOffset } : winter;
}

const plain = (abbreviation: string): string => abbreviation.replace(/[<>]/g, '');

/** `-5:45` in seconds. */
function seconds(text: string): number {
  const [hours = 0, minutes = 0, rest = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  const value = hours * 3600 + minutes * 60 + rest;
  return text.startsWith('-') ? 0 - value : value;
}

/** When a day begins, as if it were in UTC: `M10.5.0` is the last Sunday of October, `J60` March 1st, `59` the 60th day. */
function dayIn(year: number, date: string): number {
  const monthly = /^M(\d+)\.(\d)\.(\d)$/.exec(date);
  if (monthly !== null) {
    const [month, week, weekday] = monthly.slice(1).map(Number) as [number, number, number];
    const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
    const inMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const earliest = 1 + ((weekday - first + 7) % 7);
    const day = earliest + 7 * (week - 1);
    return Date.UTC(year, month - 1, day > inMonth ? day - 7 : day) / 1000;
  }
  // `J60` does not count February 29th.
  const counted = date.startsWith('J') ? Number(date.slice(1)) - 1 : Number(date);
  const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  const days = date.startsWith('J') && isLeap && counted >= 59 ? counted + 1 : counted;
  return Date.UTC(year, 0, 1) / 1000 + days * 86_400;
}
