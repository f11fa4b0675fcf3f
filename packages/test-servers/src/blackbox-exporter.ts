import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Server, startServer } from './server.ts';

export interface BlackboxExporter extends Server {
  /** Runs a probe; returns the response of `/probe` in the text format. */
  probe(parameters: { readonly [name: string]: string }): Promise<string>;
}

/**
 * Starts a real blackbox_exporter.
 *
 * @param modules the `modules` of its configuration file.
 */
export async function startBlackboxExporter(modules: { readonly [name: string]: object }): Promise<BlackboxExporter> {
  const folder = await mkdtemp(join(tmpdir(), 'blackbox-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, 'blackbox.yml');
    // JSON is YAML.
    await writeFile(file, JSON.stringify({ modules }));
    const server = await startServer('blackbox_exporter', [`--config.file=${file}`]);
    return {
      ...server,
      probe: async (parameters) => (await fetch(`${server.url}/probe?${new URLSearchParams(parameters)}`)).text(),
      async stop() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
