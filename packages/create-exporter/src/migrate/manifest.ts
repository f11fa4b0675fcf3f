import { textOf } from '../project/bookkeeping.ts';

/**
 * package.json with one more dependency, and everything else as it is; `undefined` if it is there already.
 */
export function withDependency(manifest: Uint8Array, name: string, version: string): Uint8Array | undefined {
  const text = textOf(manifest)!;
  const parsed = JSON.parse(text.replace(/^\uFEFF/, '')) as Record<string, Record<string, string> | undefined>;
  const lists = ['dependencies', 'devDependencies', 'peerDependencies'] as const;
  if (lists.some((list) => parsed[list]?.[name] !== undefined)) return undefined;
  const entry = `${JSON.stringify(name)}: ${JSON.stringify(version)}`;
  const [head] = /"dependencies"\s*:\s*\{/.exec(text) ?? [];
  const done =
    head === undefined
      ? withList(text, entry)
      : withEntry(text, head, Object.keys(parsed.dependencies ?? {}), name, entry);
  return new TextEncoder().encode(isRight(done) ? done : rewritten());

  /** Another list of that name may have come first. */
  function isRight(changed: string): boolean {
    try {
      const now = JSON.parse(changed.replace(/^\uFEFF/, '')) as typeof parsed;
      const { [name]: added, ...others } = now.dependencies ?? {};
      const same = JSON.stringify({ ...now, dependencies: others });
      return added === version && same === JSON.stringify({ ...parsed, dependencies: parsed.dependencies ?? {} });
    } catch {
      return false;
    }
  }

  function rewritten(): string {
    const dependencies = { ...parsed.dependencies, [name]: version };
    return `${JSON.stringify({ ...parsed, dependencies }, null, 2)}\n`;
  }
}

function withEntry(text: string, head: string, keys: readonly string[], name: string, entry: string): string {
  const start = text.indexOf(head) + head.length;
  const next = keys.find((key) => key > name);
  const [, space = ''] = /^(\s*)"/.exec(text.slice(start)) ?? [];
  if (keys.length === 0) return `${text.slice(0, start)} ${entry} ${text.slice(start).trimStart()}`;
  if (next !== undefined) {
    const at = text.indexOf(JSON.stringify(next), start);
    return `${text.slice(0, at)}${entry},${space === '' ? ' ' : space}${text.slice(at)}`;
  }
  const at = start + /^[^}]*?(?=\s*\})/.exec(text.slice(start))![0].length;
  return `${text.slice(0, at)},${space === '' ? ' ' : space}${entry}${text.slice(at)}`;
}

function withList(text: string, entry: string): string {
  const end = text.trimEnd().lastIndexOf('}');
  const before = text.slice(0, end).trimEnd();
  const comma = before.endsWith('{') ? '' : ',';
  return `${before}${comma}\n  "dependencies": {\n    ${entry}\n  }\n${text.slice(end)}`;
}
