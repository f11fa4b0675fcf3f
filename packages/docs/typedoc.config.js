// @ts-check
import { readFileSync } from 'node:fs';
import { Converter } from 'typedoc';

const kit = new URL('../exporter-kit/', import.meta.url);
const { name, exports } = JSON.parse(readFileSync(new URL('package.json', kit), 'utf8'));

/** The source of each entry of the package → the name by which it is imported. */
const entries = new Map(
  Object.entries(exports).map(([path, { '@exporter-kit/source': source }]) => [
    source.replace('./', ''),
    `${name}${path.slice(1)}`,
  ]),
);

/**
 * Names modules as they are imported.
 *
 * @param {import('typedoc').Application} app
 */
function importNames(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const source = project.getSymbolIdFromReflection(module)?.packagePath ?? '';
      const imported = entries.get(source);
      if (imported === undefined) throw new Error(`typedoc: ${module.name} (${source}) is no entry of ${name}.`);
      module.name = imported;
    }
  });
}

/** @type {Partial<import('typedoc').TypeDocOptions> & Record<string, unknown>} */
export default {
  entryPoints: [...entries.keys()].map((source) => new URL(source, kit).pathname),
  tsconfig: './tsconfig.typedoc.json',
  plugin: ['typedoc-plugin-markdown', importNames],
  out: './pages/api',
  sortEntryPoints: false,
  router: 'member',
  readme: 'none',
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  disableSources: true,
  treatWarningsAsErrors: true,
  // Types of options and parts that have no use by themselves.
  validation: { notExported: false },
  entryFileName: 'index',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  enumMembersFormat: 'table',
  indexFormat: 'table',
  expandObjects: false,
  useCodeBlocks: true,
  sanitizeComments: true,
};
