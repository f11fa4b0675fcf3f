import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { listTemplates } from '../templates/templates.ts';
import { clashIn, identifiersIn } from './clashes.ts';
import { nameProblem, placeholder, spellings } from './names.ts';
import { type Rename, renamer } from './rename.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const templates = await listTemplates(root);
const to = (name: string): Rename => renamer(spellings(placeholder), spellings(name));
const kebab = (identifier: string): string => identifier.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

it('takes neither comments nor strings for identifiers', () => {
  const source = `const a = 'it is "b"'; // don't c\n/* d 'e */ f("http://g", 'h\\'i'); j`;
  expect([...identifiersIn(source)]).toEqual(['const', 'a', 'f', 'j']);
});

describe.each(templates.map((template) => [template.name, template] as const))('%s', (_, template) => {
  it('can have the name of any of its identifiers, unless a file already uses it', async () => {
    const files = await template.files();
    const sources = [...files].flatMap(([path, bytes]) =>
      path.endsWith('.ts') ? [Buffer.from(bytes).toString()] : [],
    );
    const names = new Set(sources.flatMap((source) => [...identifiersIn(source)]).map(kebab));
    let allowed = 0;
    for (const name of names) {
      if (nameProblem(name) !== undefined) continue;
      const rename = to(name);
      if (clashIn(files, rename) !== undefined) continue;
      allowed++;
      // No declaration or import of a file has become another's.
      for (const source of sources) {
        const declared = [...source.matchAll(/\b(?:const|let|function|class|interface|type|import) \{?\s*(\w+)/g)];
        const before = new Set(declared.map(([, word]) => word!));
        expect(new Set([...before].map(rename)).size, name).toBe(before.size);
      }
    }
    expect(allowed).toBeGreaterThan(0);
  });
});

it.each(['settings', 'routes', 'router', 'once'])('an application is not called %s', async (name) => {
  const files = await templates.find((one) => one.name === 'instrumented-app')!.files();
  expect(clashIn(files, to(name))).toEqual({
    path: expect.stringMatching(/^src\/\w+(\.test)?\.ts$/),
    identifier: name,
  });
});
