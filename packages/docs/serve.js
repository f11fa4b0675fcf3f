// What `npm run docs` ends with: says where the site is or, with --serve, serves it on a loopback address.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const site = fileURLToPath(new URL('dist/site', import.meta.url));
let serve = false;
try {
  serve = parseArgs({ options: { serve: { type: 'boolean' } } }).values.serve ?? false;
} catch {
  console.error('docs: the only flag is --serve: npm run docs -- --serve');
  process.exit(64);
}
if (serve) {
  const { preview } = await import('vite');
  const { resolvedUrls } = await preview({
    root: fileURLToPath(new URL('.', import.meta.url)),
    configFile: false,
    appType: 'mpa',
    base: process.env.DOCS_BASE ?? '/',
    build: { outDir: site },
    preview: { host: '127.0.0.1', port: 4173 },
  });
  console.log(`${resolvedUrls?.local[0]} (Ctrl-C ends it)`);
} else {
  console.log(`${relative(process.cwd(), site)}: the site. To read it: npm run docs -- --serve`);
}
