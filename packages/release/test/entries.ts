import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, type Name } from './pack.ts';

/** A path of a package that may be imported. */
export interface Entry {
  /** Such as `exporter-kit/sink`. */
  readonly name: string;
  /** Its declarations, from the package's folder. */
  readonly types: string;
}

export function entriesOf(name: Name): Entry[] {
  const manifest = JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8')) as {
    readonly exports: { readonly [path: string]: { readonly types: string } };
  };
  return Object.entries(manifest.exports).map(([path, { types }]) => ({ name: path.replace('.', name), types }));
}
