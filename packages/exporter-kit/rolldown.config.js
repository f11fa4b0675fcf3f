import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** What browsers get of the exporter's pages: a script with its charts, a style, an icon. */
const pages = {
  input: { 'page/script': 'src/serve/page/browser/main.ts' },
  platform: 'browser',
  plugins: [
    {
      name: 'style',
      generateBundle() {
        const emit = (fileName, ...paths) =>
          this.emitFile({ type: 'asset', fileName, source: paths.map(read).join('\n') });
        const own = ['base', 'tables', 'parts', 'narrow'].map((name) => `src/serve/page/browser/${name}.css`);
        emit('page/style.css', 'node_modules/uplot/dist/uPlot.min.css', ...own);
        emit('page/icon.svg', 'src/serve/page/browser/icon.svg');
        emit('page/uplot.LICENSE', 'node_modules/uplot/LICENSE');
        emit('page/morphdom.LICENSE', 'node_modules/morphdom/LICENSE');
      },
    },
  ],
  output: { dir: 'dist', format: 'esm', minify: true, comments: false, cleanDir: false },
};

/** Folders of the packages whose code is in a bundle. */
function bundledPackages(bundle) {
  const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  const folders = modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]);
  return new Set(folders.filter((folder) => folder !== undefined));
}

const shared = {
  external: [
    /^node:/,
    '@prometheus-io/lezer-promql',
    '#re2js',
    're2js',
    'yaml',
    '@node-rs/bcrypt',
    'snappy',
    'prom-client',
  ],
  platform: 'node',
  plugins: [
    {
      name: 'licences',
      generateBundle(_, bundle) {
        for (const folder of bundledPackages(bundle)) {
          const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
          const fileName = `${folder
            .replace(/.*\/node_modules\//, '')
            .replace('/', '-')
            .replace('@', '')}.LICENSE`;
          this.emitFile({ type: 'asset', fileName, source: readFileSync(`${folder}/${file}`) });
        }
      },
    },
    {
      // Threads that write logs, and several logs at once; the kit has one, and writes it itself. They are half of what pino loads.
      name: 'one log',
      load: (id) => (/pino\/lib\/(transport|multistream)\.js$/.test(id) ? 'module.exports = undefined;' : null),
    },
    {
      // Sixty translations of its messages are half of zod, and stay in memory.
      name: 'english',
      load: (id) => (/zod\/v4\/locales\/index\.js$/.test(id) ? `export { default as en } from './en.js';` : null),
    },
    {
      // V8 keeps the text of a file in memory, with two bytes for each character as soon as one of them is not Latin.
      name: 'ascii',
      generateBundle(_, bundle) {
        const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
        for (const file of Object.values(bundle)) {
          if (file.type === 'chunk') file.code = file.code.replace(/[^\0-\x7f]/g, escaped);
        }
      },
    },
  ],
};

// One file for what every program loads, and one for each part that is loaded when it is needed: a hundred small modules
// take longer to load than all else that happens before the first scrape is answered.
const kit = {
  input: {
    index: 'src/index.ts',
    'testing/index': 'src/testing/index.ts',
    config: 'src/run/config/schema/schemas.ts',
    exposition: 'src/parse/index.ts',
    http: 'src/http/index.ts',
    'http-client': 'src/client/index.ts',
    live: 'src/live/index.ts',
    otlp: 'src/push/otlp/otlp.ts',
    'remote-write': 'src/push/remote-write/remote-write.ts',
    sink: 'src/push/index.ts',
    thread: 'src/collect/thread/in-thread.ts',
    'prom-client': 'src/prom-client/index.ts',
    regexp: 'src/run/config/schema/regexp.ts',
    re2js: 'src/run/config/schema/re2/when-needed.ts',
    're2js-bundled': 'src/run/config/schema/re2/bundled.ts',
    'thread-worker': 'src/collect/thread/worker.ts',
  },
  ...shared,
  output: {
    dir: 'dist',
    format: 'esm',
    sourcemap: true,
    comments: false,
    chunkFileNames: '[name].js',
    cleanDir: false,
    codeSplitting: {
      groups: [
        // For `exporter-kit/live`: what counting needs, and nothing that serves.
        {
          name: 'counting',
          test: /src\/(metric|live|disk\/make-folder|errors\/thrown|yaml\/nearest|collect\/check-declaration|collect\/store\/(drops|exemplar|label-values|native\/buckets|refusals|row-index|row-shape))/,
          priority: 2,
        },
        {
          name: 'core',
          test: /src\/(errors|time|metric|encode(?!\/protobuf)|disk\/secret-text|node-runtime\/(node-runtime|gc-kinds|active|procfs)|serve\/(?!web|http\/http2|page\/)|push\/(execute|job\.ts|pushgateway|textfile|stdout|group|permanent|http\/endpoint)|collect\/(?!thread\/|check-family|write-families)|collect\/thread\/in-thread)/,
          priority: 1,
        },
        { name: 'pages', test: /src\/serve\/page\// },
        { name: 'protobuf', test: /src\/encode\/protobuf/ },
        { name: 'parse', test: /src\/(parse|collect\/(check-family|write-families))/ },
        { name: 'push', test: /src\/(client|push\/(?!spool))/ },
        // Zod's hundred modules at once are more files than some systems let a process open.
        { name: 'zod', test: /node_modules\/zod\// },
        // What `run` and its command `views` share.
        { name: 'process', test: /src\/run\/process\/(log|process|reload)\.ts/ },
        { name: 'views', test: /src\/views\// },
        { name: 'spool', test: /src\/(push\/spool|disk)\// },
      ],
    },
  },
};

// The program lives for milliseconds, most of them for loading: it has files of its own, with nothing of the library but what it
// runs. What its parts share stands apart from the file that awaits them.
const program = {
  ...shared,
  input: { 'exporter-push': 'src/exporter-push/main.ts' },
  output: {
    dir: 'dist',
    format: 'esm',
    sourcemap: true,
    comments: false,
    chunkFileNames: 'exporter-push/[name].js',
    cleanDir: false,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        { name: 'spool', test: /src\/(push\/spool|disk)\//, priority: 1 },
        { name: 'common', minShareCount: 2 },
      ],
    },
    minify: true,
  },
};

// Runs every few seconds in a container: one small file, of the kind that Node starts fastest.
const health = {
  ...shared,
  input: { 'exporter-health': 'src/exporter-health/main.ts' },
  output: {
    dir: 'dist',
    entryFileNames: '[name].cjs',
    format: 'cjs',
    comments: false,
    cleanDir: false,
    minify: true,
  },
};

export default defineConfig([kit, program, health, pages]);
