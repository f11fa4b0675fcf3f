import { type Server, startServer } from './server.ts';

export interface NodeExporter extends Server {
  /** One scrape, in the text format. */
  scrape(): Promise<string>;
}

/** Starts a real node_exporter, for this machine. */
export async function startNodeExporter(flags: readonly string[] = []): Promise<NodeExporter> {
  const server = await startServer('node_exporter', flags);
  return { ...server, scrape: async () => (await fetch(`${server.url}/metrics`)).text() };
}
