import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { plain } from '../merge/line-ends.ts';
import { readSource } from '../project/own-files.ts';

/** A metric's shape in an exposition. */
export interface Shape {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Without labels of its type, such as `le`. */
  readonly labels: ReadonlySet<string>;
}

/** The folders of a package that hold its golden expositions. */
const folders = ['test', 'golden'];

/** The shapes of all metrics in a package's golden expositions. */
export async function goldenShapes(directory: string): Promise<Shape[]> {
  const shapes = new Map<string, Shape>();
  for (const folder of folders) {
    for (const name of (await readdir(join(directory, folder)).catch(() => [])).sort()) {
      if (!name.endsWith('.prom')) continue;
      const bytes = await readSource(join(directory, folder, name));
      if (bytes !== undefined) addShapes(Buffer.from(bytes).toString(), shapes);
    }
  }
  return [...shapes.values()];
}

/** The shapes in a text exposition. */
export function shapesIn(text: string): Shape[] {
  const shapes = new Map<string, Shape>();
  addShapes(text, shapes);
  return [...shapes.values()];
}

/** Reads only the parts of the text format that shapes need; skips the rest. */
function addShapes(text: string, shapes: Map<string, Shape>): void {
  const heads = new Map<string, { help: string; type: string }>();
  for (const line of plain(text).split('\n')) {
    const [, what, family, rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (family !== undefined) {
      const head = heads.get(family) ?? { help: '', type: 'untyped' };
      heads.set(family, what === 'HELP' ? { ...head, help: rest } : { ...head, type: rest });
      continue;
    }
    const [, name, braces = ''] = /^([^#\s{]+)(\{.*\})? \S/.exec(line) ?? [];
    if (name === undefined) continue;
    const of = familyOf(name, heads);
    const { help, type } = heads.get(of) ?? { help: '', type: 'untyped' };
    const found = [...braces.matchAll(/([A-Za-z_]\w*)="(?:[^"\\]|\\.)*"/g)].map((match) => match[1]!);
    const labels = new Set([...(shapes.get(of)?.labels ?? []), ...found.filter((label) => !own[type]?.has(label))]);
    shapes.set(of, { name: of, type, help, labels });
  }
}

const own: Readonly<Record<string, ReadonlySet<string>>> = {
  histogram: new Set(['le']),
  summary: new Set(['quantile']),
};

/** The family that a sample belongs to: histograms and summaries write several names. */
function familyOf(sample: string, heads: ReadonlyMap<string, { type: string }>): string {
  const shorter = sample.replace(/_(bucket|sum|count)$/, '');
  return shorter !== sample && own[heads.get(shorter)?.type ?? ''] !== undefined ? shorter : sample;
}

/** How two shapes of one name differ, in words; `undefined` if they are equal. */
export function difference(a: Shape, b: Shape): string | undefined {
  if (a.type !== b.type) return `type ${a.type} here, ${b.type} there`;
  if (a.help !== b.help) return `help ${JSON.stringify(a.help)} here, ${JSON.stringify(b.help)} there`;
  const [ours, theirs] = [a, b].map(({ labels }) => [...labels].sort().join(', ') || 'none');
  return ours === theirs ? undefined : `labels ${ours} here, ${theirs} there`;
}
