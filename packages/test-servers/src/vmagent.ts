import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locatePeer } from './find.ts';
import type { ScrapeConfig } from './prometheus.ts';
import { answersAt, type Server, startListening } from './server.ts';

/** Starts a real vmagent that scrapes every second and writes to this remote-write URL. */
export async function startVmagent(scrapeConfigs: readonly ScrapeConfig[], to: string): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'peers-vmagent-'));
  const clear = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const config = join(folder, 'scrape.yml');
    // JSON is YAML.
    await writeFile(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: scrapeConfigs }));
    const server = await startListening({
      command: locatePeer('vmagent'),
      isReady: (address) => answersAt(`http://${address}/health`),
      flags: (address) => [
        `-httpListenAddr=${address}`,
        `-promscrape.config=${config}`,
        `-remoteWrite.url=${to}`,
        `-remoteWrite.tmpDataPath=${join(folder, 'queue')}`,
        '-remoteWrite.flushInterval=200ms',
      ],
    });
    return {
      ...server,
      async stop() {
        await server.stop();
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}
