import { type Server, startListening } from 'test-servers';
import type { Entrant } from './entrants.ts';
import { residentBytes, restedCpuMs } from './proc.ts';

/** What an exporter is started with. */
export interface Start {
  readonly flags: readonly string[];
  readonly env?: { readonly [name: string]: string };
}

/** An exporter, in one process or in several that share its targets. */
export interface Exporter {
  readonly name: string;
  readonly processes: readonly Server[];
}

/** Starts an exporter in one process for each of `starts`, and waits until they answer. */
export async function startExporter({ name, program }: Entrant, starts: readonly Start[]): Promise<Exporter> {
  const processes: Server[] = [];
  try {
    for (const { flags, env = {} } of starts) {
      const server = await startListening({
        command: program.command,
        env,
        // Listening is enough. Pages for people would load what no scrape needs.
        isReady: async () => true,
        flags: (address) => [...program.args, `--web.listen-address=${address}`, ...flags],
      });
      processes.push(server);
    }
    return { name, processes };
  } catch (error) {
    await stopExporter({ name, processes });
    throw error;
  }
}

export async function stopExporter({ processes }: Exporter): Promise<void> {
  await Promise.all(processes.map((server) => server.stop()));
}

/** CPU time of all its processes, once they rest. */
export function exporterCpuMs({ processes }: Exporter): number {
  return sum(processes.map(({ program }) => restedCpuMs(program.pid)));
}

/** Memory of all its processes. */
export function exporterMb({ processes }: Exporter): number {
  return sum(processes.map(({ program }) => residentBytes(program.pid))) / 1e6;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
