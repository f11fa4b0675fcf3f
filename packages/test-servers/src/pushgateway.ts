import { type Server, startServer } from './server.ts';

/** A group in `GET /api/v1/metrics`: its labels, and one entry per family. */
export interface PushedGroup {
  readonly labels: { readonly [label: string]: string };
  readonly [family: string]: unknown;
}

export interface Pushgateway extends Server {
  /** The pushed groups, from the gateway's API. */
  groups(): Promise<PushedGroup[]>;
}

/** Starts a real Pushgateway that keeps everything in memory. */
export async function startPushgateway(flags: readonly string[] = []): Promise<Pushgateway> {
  const server = await startServer('pushgateway', ['--persistence.file=', ...flags], '/-/ready');
  return {
    ...server,
    async groups() {
      const answer = (await (await fetch(`${server.url}/api/v1/metrics`)).json()) as { data: PushedGroup[] };
      return answer.data;
    },
  };
}
