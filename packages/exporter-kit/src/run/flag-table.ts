import type { Exporter } from '../collect/exporter.ts';
import type { RunOptions } from './run.ts';

/**
 * The flags of an exporter as the Markdown table that `--help.markdown` prints, so that a test can hold a README to it.
 *
 * @example
 * expect(readme).toContain(await flagTable(broker, { port: 19101 }));
 */
export async function flagTable(exporter: Exporter, { port }: RunOptions): Promise<string> {
  const { allFlags } = await import('./declared.ts');
  const { markdownTable } = await import('./markdown.ts');
  const { partsOf } = await import('./parts.ts');
  const { rememberSecrets } = await import('./secrets.ts');
  const sources = { exporter, port, argv: [], env: {}, parts: partsOf(exporter), secrets: rememberSecrets() };
  return markdownTable(exporter.name, (await allFlags(sources)).flags);
}
