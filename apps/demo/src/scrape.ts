/** One scrape, as the demo shows it. */
export interface Shown {
  /** Where it came from and how much it was, in a line. */
  readonly about: string;
  /** Its sample lines that match. */
  matching(pattern: RegExp): string[];
}

/** Scrapes as Prometheus does. */
export async function scrape(url: string): Promise<Shown> {
  const started = performance.now();
  const answer = await fetch(url, {
    headers: { accept: 'text/plain;version=0.0.4', 'x-prometheus-scrape-timeout-seconds': '10' },
  });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${body}`);
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const families = body.split('\n').filter((line) => line.startsWith('# TYPE'));
  const took = Math.round(performance.now() - started);
  return {
    about: `${url}: ${families.length} families, ${samples.length} samples in ${took} ms`,
    matching: (pattern) => samples.filter((line) => pattern.test(line)),
  };
}
