import { nameProblem } from '../names/names.ts';
import type { Codemod, Texts } from './codemod.ts';

/** The scrape template reads its server by a source: `<name>_up`, several targets, `/probe`. */
export const scrapeExporter4: Codemod = {
  template: 'scrape-exporter',
  version: 4,
  summary:
    'reads its server by a source: --source is --<name>.url (a key of <name> in the config file), and takes no file: URLs',
  apply(files, { kebab, snake, camel, constant }) {
    change(files, `src/${kebab}.ts`, (text) => ofSource(text, snake, camel));
    change(files, 'src/main.ts', (text) =>
      text
        .replace("import { config, sample } from './config.ts';", `import { ${camel}Source } from './source.ts';`)
        .replace("import { added } from './added.ts';", "import { added, addedSources } from './added.ts';")
        .replace(
          "import { exporter, run } from 'exporter-kit';\nimport { nodeRuntime } from 'exporter-kit/prom-client';",
          "import { exporter, nodeRuntime, run } from 'exporter-kit';",
        )
        .replace(/^ {2}config,\n/m, '')
        .replace(/\(\{ source = sample \}\) => (\[\s*\w+Collector)\(new URL\(source\)\)/, '$1')
        .replace(
          /^( {2}collectors: \[[^\]]*\],\n)(?! {2}probes:)/m,
          `$1  probes: [${camel}Source, ...addedSources],\n`,
        ),
    );
    for (const path of files.keys()) {
      if (!/^(deploy\/|Dockerfile$)/.test(path)) continue;
      change(files, path, (text) =>
        text
          .replaceAll(/(?<![\w-])--source(?=[= '",\n])/g, `--${snake}.url`)
          .replaceAll(new RegExp(`\\b${constant}_EXPORTER_SOURCE\\b`, 'g'), `${constant}_EXPORTER_${constant}_URL`),
      );
    }
  },
  together: {
    paths: ({ kebab }) => [
      ...[`${kebab}.test`, kebab, 'client', 'config', 'main.test', 'main', 'reply', 'source.test', 'source'].map(
        (name) => `src/${name}.ts`,
      ),
      `test/${kebab}.prom`,
      'package.json',
      'README.md',
    ],
    complete: (files, { kebab }) =>
      nameProblem(kebab) === undefined &&
      [...files].every(
        ([path, text]) =>
          !path.startsWith('src/') ||
          !/\bfetchReply\b|'\.\/config\.ts'|\(source: URL\)|\bsource = sample\b|new URL\(source|prom-client/.test(text),
      ),
    byHand: ({ kebab, snake, camel }) =>
      `src/ was edited where the template now reads by a source, so it stays as it is and works as before.
For ${snake}_up, several servers and /probe: fetch in \`read\` of a source in src/source.ts, write \`source: ${camel}Source\` in the
collector of src/${kebab}.ts, which gets the reply as \`reading\`, and list the source in \`probes\` of src/main.ts.
\`scrape-exporter --name=example --dry-run\` prints files to compare with.`,
  },
};

/** The collector template yields a source and a list of its collectors. */
export const collector2: Codemod = {
  template: 'collector',
  version: 2,
  summary:
    'exports a source and the list of its collectors: <name>() is ...<name>Collectors, --collector.<name>.source is --<name>.url; upgrade the exporters that use it as well',
  apply() {},
  together: {
    paths: ({ kebab }) => [
      ...[`${kebab}.test`, kebab, 'client', 'collectors.test', 'handled', 'index', 'items', 'reply'].map(
        (name) => `src/${name}.ts`,
      ),
      ...['src/source.test.ts', 'src/source.ts', 'test/server.ts', `test/${kebab}.json`, `test/${kebab}.prom`],
      'package.json',
      'README.md',
    ],
    complete: () => true,
    byHand: ({ camel }) =>
      `src/ was edited where the template now has a source with its collectors, so it stays as it is and works as before.
To follow: a source in src/source.ts, collectors with \`source: ${camel}Source\`, and in package.json \`exporterKit\` with
"collectors": "...${camel}Collectors". \`collector --name=example --dry-run\` prints files to compare with.`,
  },
};

/** An added collector reads by a source of its own. */
export const addCollector2: Codemod = {
  template: 'add-collector',
  version: 2,
  summary:
    'reads by a source: --collector.<name>.source is --<name>.url (the key <name> in the config file), no file: URLs',
  apply(files, { snake, constant }) {
    for (const path of files.keys()) {
      if (!/^(deploy\/|Dockerfile$)/.test(path)) continue;
      change(files, path, (text) =>
        text
          .replaceAll(new RegExp(`--collector\\.${snake}\\.source(?=[= '",\\n])`, 'g'), `--${snake}.url`)
          .replaceAll(new RegExp(`_COLLECTOR_${constant}_SOURCE\\b`, 'g'), `_${constant}_URL`),
      );
    }
  },
  together: {
    paths: ({ kebab }) => [`src/${kebab}.ts`, `src/${kebab}.test.ts`, `sample/${kebab}.json`, `test/${kebab}.prom`],
    complete: () => true,
    byHand: ({ kebab, camel }) =>
      `src/${kebab}.ts was edited where an added collector now reads by a source, so it stays as it is and works as before.
To follow: fetch in \`read\` of a source ${camel}Source, and write \`source: ${camel}Source\` in the collector, which gets the
reply as \`reading\`. \`add collector example --dry-run\` prints files to compare with.`,
  },
};

function change(files: Texts, path: string, how: (text: string) => string): void {
  const text = files.get(path);
  if (text !== undefined) files.set(path, how(text));
}

/** A function of a URL that makes a collector becomes a collector of the source, one step less indented. */
function ofSource(text: string, snake: string, camel: string): string {
  const made =
    /^(export const \w+Collector) = \(source: URL\): Collector =>\n {2}(collector\(\{\n)(.*?)^ {2}\}\);\n/ms.exec(text);
  if (made === null) return text;
  const [all, name, call, body] = made;
  // Text that is laid out by the user.
  if (/`[^`]*\n[^`]*`/.test(body!)) return text;
  const collects =
    /async collect\((.*), \{ ([^}]*) \}\) \{\n\s*const reply = await fetchReply\(source, signal\);\n/.exec(body!);
  if (collects === null) return text;
  const rest = body!.slice(collects.index + collects[0].length);
  const context = collects[2]!.split(', ').filter((each) => each !== 'signal' || /\bsignal\b/.test(rest));
  const head = `${/\bawait\b/.test(rest) ? 'async ' : ''}collect(${collects[1]}, { ${['reading: reply', ...context].join(', ')} }) {\n`;
  const mended = (body!.slice(0, collects.index) + head + rest)
    .replace(new RegExp(`^( +)name: '${snake}',\n`, 'm'), `$&$1source: ${camel}Source,\n`)
    .replaceAll(/^ {2}/gm, '');
  return text
    .replace(all, () => `${name} = ${call}${mended}});\n`)
    .replace('import { type Collector, collector', 'import { collector')
    .replace("import { fetchReply } from './reply.ts';", `import { ${camel}Source } from './source.ts';`);
}
