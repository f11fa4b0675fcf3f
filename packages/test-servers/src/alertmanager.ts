import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { locatePeer } from './find.ts';
import { answersAt, type Server, startListening } from './server.ts';

/** An alert that Alertmanager has, from `GET /api/v2/alerts`. */
export interface DeliveredAlert {
  readonly labels: { readonly [label: string]: string };
  readonly annotations: { readonly [name: string]: string };
  readonly status: { readonly state: 'active' | 'suppressed' | 'unprocessed' };
}

export interface Alertmanager extends Server {
  /** The alerts that fire, as they arrived. */
  alerts(): Promise<DeliveredAlert[]>;
}

/** Starts a real Alertmanager that notifies nobody, alone and with a temporary folder. */
export async function startAlertmanager(): Promise<Alertmanager> {
  const folder = await mkdtemp(join(tmpdir(), 'peers-alertmanager-'));
  const clear = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const config = join(folder, 'alertmanager.yml');
    // JSON is YAML.
    const route = { receiver: 'nobody', group_wait: '0s', group_interval: '1s' };
    await writeFile(config, JSON.stringify({ route, receivers: [{ name: 'nobody' }] }));
    const command = locatePeer('alertmanager');
    const server = await startListening({
      command,
      // What fetch.sh unpacks looks for its templates from here.
      cwd: resolve(dirname(command), '../..'),
      isReady: (address) => answersAt(`http://${address}/-/ready`),
      flags: (address) => [
        `--web.listen-address=${address}`,
        `--config.file=${config}`,
        `--storage.path=${join(folder, 'data')}`,
        '--cluster.listen-address=',
      ],
    });
    return {
      ...server,
      alerts: async () => (await (await fetch(`${server.url}/api/v2/alerts`)).json()) as DeliveredAlert[],
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
