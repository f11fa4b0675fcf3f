import type { Logger } from '../../collect/context.ts';
import type { Exporter } from '../../collect/exporter.ts';
import type { About } from '../../collect/scrape/self-metrics.ts';
import type { WebConfigStore } from '../../serve/web/web-config-store.ts';

/** The web configuration of a process, and the families about it. */
export interface WebFile {
  readonly web: WebConfigStore;
  readonly about: About<undefined>;
}

/**
 * Reads what `--web.config.file` names.
 *
 * @throws Error of one line that names file, line and key.
 */
export async function openWebFile(file: string, { namespace }: Exporter, log: Logger): Promise<WebFile> {
  const [{ openWebConfig }, { webConfigMetrics }] = await Promise.all([
    import('../../serve/web/web-config-store.ts'),
    import('../../serve/web/web-config-metrics.ts'),
  ]);
  const web = await openWebConfig(file, log);
  return { web, about: webConfigMetrics(namespace, web) };
}
