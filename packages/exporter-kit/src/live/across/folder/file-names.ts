/** A file in the folder: what one process has counted in one live value. */
export interface FileName {
  readonly file: string;
  /** Of the process' membership. */
  readonly id: string;
  /** The member that is adding the counts of an ended process to its own. */
  readonly heir: string | undefined;
}

const ID = '[0-9a-f]{12}';

/** The file of a member; while its counts are inherited, it has the heir's id as well. */
export function fileName(name: string, id: string, heir?: string): string {
  return `${name}.${id}${heir === undefined ? '' : `.${heir}`}.json`;
}

/** What is written before it is renamed, so that no file is ever half-written. */
export const temporary = (file: string, which: 'next' | 'last'): string => `${file}.${which}.tmp`;

/** Those of a folder's files that are a live value's. */
export function ours(files: readonly string[], name: string): FileName[] {
  const pattern = new RegExp(`^(${ID})(?:\\.(${ID}))?\\.json$`);
  return files.flatMap((file) => {
    const match = file.startsWith(`${name}.`) ? pattern.exec(file.slice(name.length + 1)) : null;
    return match === null ? [] : [{ file, id: match[1]!, heir: match[2] }];
  });
}

/** Whether a file is a temporary one of a live value, which nobody finished. */
export function isTemporary(file: string, name: string): boolean {
  return /\.(next|last)\.tmp$/.test(file) && ours([file.replace(/\.\w+\.tmp$/, '')], name).length > 0;
}
