import { textOf } from '../project/bookkeeping.ts';

type Manifest = Record<string, unknown> & Partial<Record<(typeof lists)[number], Record<string, string>>>;

const lists = ['dependencies', 'devDependencies', 'peerDependencies'] as const;

/** package.json with one more dependency, and everything else as it is; `undefined` if it is there already. */
export function withDependency(manifest: Uint8Array, name: string, version: string): Uint8Array | undefined {
  const text = textOf(manifest)!;
  const parsed = parse(text);
  if (lists.some((list) => parsed[list]?.[name] !== undefined)) return undefined;
  const indent = /^[ \t]+(?=")/m.exec(text)?.[0] ?? '  ';
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const entry = `${JSON.stringify(name)}: ${JSON.stringify(version)}`;
  const wanted = { ...parsed, dependencies: { ...parsed.dependencies, [name]: version } };
  const candidates = [
    withEntry(text, Object.keys(parsed.dependencies ?? {}), name, entry),
    ...(parsed.dependencies === undefined ? [withList(text, entry, indent)] : []),
  ];
  // The text may have another list of that name, or be laid out in another way.
  const done = candidates.find((each) => isSame(each, wanted)) ?? `${mark}${JSON.stringify(wanted, null, indent)}\n`;
  return new TextEncoder().encode(done);
}

const parse = (text: string): Manifest => JSON.parse(text.replace(/^\uFEFF/, '')) as Manifest;

function isSame(text: string, wanted: Manifest): boolean {
  const sorted = ({ dependencies = {}, ...others }: Manifest): string =>
    JSON.stringify([others, Object.entries(dependencies).sort()]);
  try {
    return sorted(parse(text)) === sorted(wanted);
  } catch {
    return false;
  }
}

/** In the first list of dependencies, by the alphabet. */
function withEntry(text: string, keys: readonly string[], name: string, entry: string): string {
  const [head = ''] = /"dependencies"\s*:\s*\{/.exec(text) ?? [];
  const start = text.indexOf(head) + head.length;
  if (keys.length === 0) return `${text.slice(0, start)} ${entry} ${text.slice(start).trimStart()}`;
  const [, space = ' '] = /^(\s+)"/.exec(text.slice(start)) ?? [];
  const next = keys.find((key) => key > name);
  if (next !== undefined) {
    const at = text.indexOf(JSON.stringify(next), start);
    return `${text.slice(0, at)}${entry},${space}${text.slice(at)}`;
  }
  const at = start + /^[^}]*?(?=\s*\}|$)/.exec(text.slice(start))![0].length;
  return `${text.slice(0, at)},${space}${entry}${text.slice(at)}`;
}

/** With a list of its own, at the end. */
function withList(text: string, entry: string, indent: string): string {
  const end = text.lastIndexOf('}');
  const before = text.slice(0, end).trimEnd();
  const comma = before.endsWith('{') ? '' : ',';
  return `${before}${comma}\n${indent}"dependencies": {\n${indent}${indent}${entry}\n${indent}}\n${text.slice(end)}`;
}
