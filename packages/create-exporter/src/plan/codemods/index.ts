import type { Codemod } from './codemod.ts';
import { scrapeExporter2 } from './scrape-exporter-2.ts';

/** All codemods, in the order in which they run. */
export const codemods: readonly Codemod[] = [scrapeExporter2];
