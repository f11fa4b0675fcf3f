import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { bundleOf } from './bundle.ts';
import { atHome, standAlone } from './standalone.ts';

const bundle = await bundleOf(fileURLToPath(new URL('../../../..', import.meta.url)));
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

it.each(Object.entries(bundle.templates))('%s can stand alone', (_, { packageName, files }) => {
  const rendered = new Map(Object.entries(files).map(([path, text]) => [path, encode(text)]));
  const alone = standAlone(rendered, packageName, bundle, 'file:../kit.tgz');
  const manifest = JSON.parse(Buffer.from(alone.get('package.json')!).toString());
  expect(JSON.stringify(manifest)).not.toMatch(/workspace:|catalog:|@exporter-kit\/source/);
  expect({ ...manifest.devDependencies, ...manifest.dependencies }['exporter-kit']).toBe('file:../kit.tgz');
  expect(manifest.name).toBe(packageName);
});

it('tells those who install a collector which versions of the kit fit', () => {
  const { packageName, files } = bundle.templates.collector!;
  const rendered = new Map(Object.entries(files).map(([path, text]) => [path, encode(text)]));
  const manifest = JSON.parse(
    Buffer.from(standAlone(rendered, packageName, bundle, 'file:../kit.tgz').get('package.json')!).toString(),
  );
  expect(manifest.peerDependencies).toEqual({ 'exporter-kit': bundle.versions['exporter-kit'] });
  expect(manifest.exports['.'].default).toBe('./dist/index.js');
});

it('says what is typed in a project that stands alone', () => {
  expect(atHome('npm test --prefix packages/collector-a', 'collector-a')).toBe('npm test');
  expect(atHome('npm run new -- list', 'collector-a')).toBe('npx create-exporter list');
});
