import { createReadStream, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBounded } from './check-exposition.ts';

/** Names the file for a command's own metrics, which are pushed when it succeeds. */
export const METRICS_VARIABLE = 'EXPORTER_PUSH_METRICS';

/** An empty file for a command's own metrics. */
export interface MetricsFile {
  readonly path: string;
  /** @throws Error if it is too large or can't be read. */
  read(): Promise<Uint8Array>;
  remove(): void;
}

/** Creates the file, in a directory that only this user may enter. */
export async function metricsFile(): Promise<MetricsFile> {
  const folder = await mkdtemp(join(tmpdir(), 'exporter-push-'));
  const path = join(folder, 'metrics.prom');
  await writeFile(path, '', { mode: 0o600 });
  return {
    path,
    async read() {
      try {
        return await readBounded(createReadStream(path));
      } catch (error) {
        // The command may have removed it.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array();
        throw error;
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
