import { defineConfig } from 'vitepress';
import { anchorOf } from '../src/anchor.ts';
import { checkSite } from '../src/check-site.ts';
import { home, repositoryLinks } from '../src/repository-links.ts';
import { sidebars } from '../src/sidebar.ts';

export default defineConfig({
  title: 'exporter-kit',
  description: 'Write Prometheus exporters, probes and push jobs in TypeScript.',
  // Where the site is served, such as /exporter-kit/.
  base: (process.env.DOCS_BASE ?? '/') as `/${string}/`,
  srcDir: 'pages',
  outDir: 'dist/site',
  cacheDir: 'dist/cache',
  lang: 'en',
  markdown: {
    anchor: { slugify: anchorOf },
    config: (markdown) => void markdown.use(repositoryLinks),
  },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Errors', link: '/errors/overview' },
      { text: 'API', link: '/api/exporter-kit/' },
    ],
    sidebar: sidebars(),
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: home }],
    editLink: { pattern: `${home}/edit/main/packages/docs/pages/:path` },
  },
  // Texts, mostly; loaded a page at a time.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  transformPageData({ relativePath, frontmatter }) {
    // Made from the sources.
    if (relativePath.startsWith('api/')) Object.assign(frontmatter, { editLink: false, prev: false, next: false });
  },
  buildEnd: ({ outDir, site }) => checkSite(outDir, site.base),
});
