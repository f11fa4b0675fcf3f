import type { Exporter } from 'exporter-kit';
import { makeSource } from '../data/source.ts';
import { rowsExporter } from './kit-rows.ts';

// Collecting and encoding without HTTP is nothing the kit offers: these are the parts of it that do so, from inside.
interface Inside {
  gatherer(
    exporter: Exporter,
    collectors: ReturnType<Exporter['collectors']>,
  ): {
    gather(scrape: { deadline: number }): Promise<{ snapshot: { release(): void } }>;
  };
  encode(snapshot: unknown, encoding: unknown): Iterable<unknown>;
  text: unknown;
  givePage(page: unknown): void;
}
const kit = import.meta.resolve('exporter-kit');
const parts = ['collect/gather.js', 'encode/encode.js', 'encode/text.js', 'encode/page.js'];
const modules = await Promise.all(parts.map((part) => import(new URL(part, kit).href)));
const { gatherer, encode, text, givePage } = Object.assign({}, ...modules) as Inside;

// Collects and encodes: COUNT series, SCRAPES times.
const [count, scrapes] = process.argv.slice(2).map(Number) as [number, number];
const source = makeSource('mixed', count);
const exporter = rowsExporter(source);
const live = gatherer(exporter, exporter.collectors(undefined));
for (let n = 0; n < scrapes; n++) {
  source.turn(n);
  const { snapshot } = await live.gather({ deadline: performance.now() + 1e9 });
  for (const page of encode(snapshot, text)) givePage(page);
  snapshot.release();
}
process.exit();
