import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificates, makeCertificates, type ScrapeConfig, scrapeOf } from 'test-servers';
import type { Stops } from './stops.ts';

/** A folder until the end. */
export async function temporary(stops: Stops): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'views-proof-'));
  stops.later(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Two dozen targets on a busy machine. */
const unhurried = { scrape_interval: '10s', scrape_timeout: '10s' };

/** How exporters are served here: over TLS, with a configuration file, so that what tells about both has series. */
export interface Settings {
  /** Flags of an exporter. */
  flags(config?: object): Promise<string[]>;
  readonly web: string;
  /** As {@link scrapeOf}, trusting the certificate. */
  scrape(job: string, url: string, more?: object): ScrapeConfig;
}

export async function settings(stops: Stops): Promise<Settings> {
  const folder = await temporary(stops);
  const certificates: Certificates = await makeCertificates({ days: 90 });
  stops.later(() => certificates.remove());
  const { cert, key } = certificates.server;
  const web = join(folder, 'web.yml');
  await writeFile(web, JSON.stringify({ tls_server_config: { cert_file: cert, key_file: key } }));
  let files = 0;
  return {
    web: `--web.config.file=${web}`,
    async flags(config = {}) {
      const file = join(folder, `config-${files++}.yml`);
      await writeFile(file, JSON.stringify(config));
      return [`--config.file=${file}`, `--web.config.file=${web}`];
    },
    scrape: (job, url, more = {}) =>
      scrapeOf(job, url, { ...unhurried, ...more, tls_config: { ca_file: certificates.ca } }),
  };
}
