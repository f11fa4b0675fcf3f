import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { parseAst } from 'vite';
import { expect, it } from 'vitest';
import { render } from '../plan/render.ts';
import { listTemplates } from '../templates/templates.ts';
import { UserError } from '../user-error.ts';
import { nameProblem, placeholder, type Spellings, spellings } from './names.ts';
import { renamer } from './rename.ts';

const old = spellings(placeholder);
const keys = Object.keys(old) as (keyof Spellings)[];
const word = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/), fc.constantFrom('acme', 'widget', '2', 'pro'));
const name = fc
  .array(word, { minLength: 1, maxLength: 4 })
  .map((words) => words.join('-'))
  .filter((kebab) => nameProblem(kebab) === undefined);

it('maps each spelling to itself, whatever the new name holds', () => {
  const noise = fc.constantFrom('-', '_', ' ', 's', '/', '.', 'x', '$', '{{}}', '');
  fc.assert(
    fc.property(name, fc.array(fc.tuple(fc.constantFrom(...keys), noise)), (kebab, parts) => {
      const fresh = spellings(kebab);
      const written = (as: Spellings): string => parts.map(([key, between]) => `|${as[key]}|${between}`).join('');
      expect(renamer(old, fresh)(written(old))).toBe(written(fresh));
    }),
  );
});

it.each(['acme-widget-pro', 'acme', 'my-acme-widget', 'widget-acme'])('renames to %s', (kebab) => {
  const { camel, pascal, snake } = spellings(kebab);
  const text = `${old.camel}Collector ${old.pascal}s ${old.snake}_total ${old.kebab}-exporter 19999`;
  expect(renamer(old, spellings(kebab), { 19999: '19101' })(text)).toBe(
    `${camel}Collector ${pascal}s ${snake}_total ${kebab}-exporter 19101`,
  );
});

it('takes $ in a title as it is', () => {
  expect(renamer(old, { ...spellings('a'), title: '$& $1' })(`# ${old.title}`)).toBe('# $& $1');
});

it('leaves what is not text alone, and refuses two files of one path', () => {
  const binary = new Uint8Array([0xff, 0xfe, 0x61]);
  const rename = renamer(old, spellings('main'));
  expect(render(new Map([['logo.png', binary]]), rename).get('logo.png')).toBe(binary);
  const twice = new Map(['src/main.ts', `src/${placeholder}.ts`].map((path) => [path, new Uint8Array()]));
  expect(() => render(twice, rename)).toThrow(/already has a file src\/main\.ts/);
});

it('renames every template without residue, to sources that parse', async () => {
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  const templates = await listTemplates(root);
  expect(templates.map((template) => template.name)).toEqual(expect.arrayContaining(['push-job', 'scrape-exporter']));
  const files = await Promise.all(templates.map((template) => template.files()));
  fc.assert(
    fc.property(name, fc.constantFrom(...files), (kebab, sources) => {
      const fresh = spellings(kebab);
      let rendered: Map<string, Uint8Array>;
      try {
        rendered = render(sources, renamer(old, fresh));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        return;
      }
      for (const [path, bytes] of rendered) {
        const text = Buffer.from(bytes).toString();
        for (const key of keys.filter((key) => !fresh[key].includes(old[key]))) {
          expect(`${path}\n${text}`).not.toContain(old[key]);
        }
        if (path.endsWith('.ts')) parseAst(text, { lang: 'ts' });
        if (path.endsWith('.json')) JSON.parse(text);
      }
    }),
    { numRuns: 200 },
  );
});
