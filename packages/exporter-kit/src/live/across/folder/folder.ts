import { resolve } from 'node:path';

const KIND = 'folder';

/** A folder in which processes leave what they count. */
export interface Folder {
  readonly kind: typeof KIND;
  readonly path: string;
}

/**
 * A folder for {@link join}: for processes that were not forked by one of them, as under PM2. Whichever is scraped serves the
 * counts of all.
 *
 * @param path is made if it does not exist. For one application on one machine; only its user should be able to write there.
 * @throws TypeError for an empty path.
 */
export function folder(path: string): Folder {
  if (typeof path !== 'string' || path === '') throw new TypeError('folder: expected the path of a folder.');
  // Now, since the working directory may change.
  return Object.freeze({ kind: KIND, path: resolve(path) });
}

export function isFolder(value: unknown): value is Folder {
  return typeof value === 'object' && value !== null && (value as Folder).kind === KIND;
}
