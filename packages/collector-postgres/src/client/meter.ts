/** Counts what a server sends. */
export interface Meter {
  /** What comes from now on is counted from zero. */
  restart(): void;
  /** @throws Error if it is too much, or was before. */
  add(bytes: number, rows: number): void;
}

/** `what` begins the errors of a meter. */
export function meter(what: string, mostMebibytes: number, mostRows: number): Meter {
  let [bytes, rows] = [0, 0];
  return {
    restart() {
      bytes = rows = 0;
    },
    add(moreBytes, moreRows) {
      bytes += moreBytes;
      rows += moreRows;
      if (bytes > mostMebibytes << 20) throw new Error(`${what} more than ${mostMebibytes} MiB`);
      if (rows > mostRows) throw new Error(`${what} more than ${grouped(mostRows)} rows`);
    },
  };
}

/** `1,000,000`. Without `Intl`, whose tables take 9 MB as soon as they are used. */
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** Of one reply. Of 100,000 tables, the statistics are 30 MB. */
export const replyMeter = (): Meter => meter('a reply has', 32, 1_000_000);

/** Of all replies of a scrape, over all connections: a server that lists its databases decides how many there are. */
export const scrapeMeter = (): Meter => meter('the replies of this scrape have', 128, 4_000_000);
