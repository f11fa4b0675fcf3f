/** A scrape, as shown by the demo. */
export interface Shown {
  /** Its URL and size, in one line. */
  readonly about: string;
  /** The matching sample lines. */
  matching(pattern: RegExp): string[];
}

/** Scrapes like Prometheus. */
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
