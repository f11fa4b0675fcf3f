import { type Codemod, move } from './codemod.ts';

/** What is added to an exporter brings a golden exposition and a sample of its own, so the first is named like the others. */
export const scrapeExporter2: Codemod = {
  template: 'scrape-exporter',
  version: 2,
  summary: 'test/golden.prom and sample/reply.json are named like the collector they belong to',
  apply(files, { kebab }) {
    move(files, 'test/golden.prom', `test/${kebab}.prom`);
    move(files, 'sample/reply.json', `sample/${kebab}.json`);
    // Whoever named them in files of their own meant these.
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
