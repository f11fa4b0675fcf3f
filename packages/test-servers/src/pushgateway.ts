import { type Server, startServer } from './server.ts';

/** A group as `GET /api/v1/metrics` shows it: its labels, and beside them one entry a family. */
export interface PushedGroup {
  readonly labels: { readonly [label: string]: string };
  readonly [family: string]: unknown;
}

export interface Pushgateway extends Server {
  /** What was pushed, from the gateway's own API. */
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
