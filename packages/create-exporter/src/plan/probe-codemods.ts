import type { Codemod } from './codemod.ts';

/** `main.ts` lists the sources of what was added, so that `/probe` can read them. */
export const addedSources = (template: string, version: number): Codemod => ({
  template,
  version,
  summary: '/probe reads the sources of added collectors',
  apply(files) {
    const main = files.get('src/main.ts');
    if (main !== undefined) files.set('src/main.ts', listed(main));
  },
});

/** Unchanged where it is laid out in another way, so that the merge decides. */
function listed(text: string): string {
  const imported = text.replace(
    "import { added } from './added.ts';",
    "import { added, addedSources } from './added.ts';",
  );
  if (/^ {2}probes: /m.test(text)) return text;
  const collectors = /^( {2}collectors: [\s\S]*?\],\n)(?=\}\);)/m;
  return imported === text || !collectors.test(text)
    ? text
    : imported.replace(collectors, '$1  probes: addedSources,\n');
}
