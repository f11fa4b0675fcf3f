import type { Codemod, Texts } from './codemod.ts';
import { instrumentedApp3 } from './live-codemods.ts';
import { addedSources } from './probe-codemods.ts';
import { addCollector2, collector2, scrapeExporter4 } from './source-codemods.ts';

/** Moves a file, unless something is there already. */
function move(files: Texts, from: string, to: string): void {
  const text = files.get(from);
  if (text === undefined || files.has(to)) return;
  files.delete(from);
  files.set(to, text);
}

/** Each added collector has a golden exposition and a sample of its own, so the first one's carry its name too. */
const scrapeExporter2: Codemod = {
  template: 'scrape-exporter',
  version: 2,
  summary: 'test/golden.prom and sample/reply.json are named like the collector they belong to',
  apply(files, { kebab }) {
    move(files, 'test/golden.prom', `test/${kebab}.prom`);
    move(files, 'sample/reply.json', `sample/${kebab}.json`);
    // The user's own files may refer to them.
    for (const [path, text] of files) {
      if (!/^(src|test)\/.*\.ts$/.test(path)) continue;
      files.set(
        path,
        text
          .replaceAll("'../test/golden.prom'", `'../test/${kebab}.prom'`)
          .replaceAll("'../sample/reply.json'", `'../sample/${kebab}.json'`),
      );
    }
  },
};

/**
 * The kit no longer writes `<namespace>_up`, which said whether every collector had succeeded: an exporter's `…_up` is that of
 * its source. Alerts and dashboards ask the collectors' success instead; within a range selector, of each collector.
 */
const namespaceUp = (template: string, version: number): Codemod => ({
  template,
  version,
  summary: 'rules and dashboards use the success of collectors instead of <namespace>_up',
  apply(files, { snake }) {
    const up = new RegExp(`(?<![\\w:])${snake}_up(?![\\w:])(\\{[^{}]*\\})?(\\[)?`, 'g');
    for (const [path, text] of files) {
      if (!/\.(ya?ml|rules|json)$/.test(path)) continue;
      const changed = text.replace(up, (_, selector = '', range = '') => {
        const success = `${snake}_scrape_collector_success${selector}`;
        return range === '' ? `min without (collector) (${success})` : success + range;
      });
      files.set(path, changed);
    }
  },
});

/** All codemods, in the order in which they run. */
export const codemods: readonly Codemod[] = [
  scrapeExporter2,
  namespaceUp('scrape-exporter', 3),
  namespaceUp('command-exporter', 2),
  namespaceUp('file-exporter', 2),
  namespaceUp('instrumented-app', 2),
  scrapeExporter4,
  collector2,
  addCollector2,
  instrumentedApp3,
  addedSources('file-exporter', 3),
  addedSources('command-exporter', 3),
];
