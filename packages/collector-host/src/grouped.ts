/** An exposition with the lines of each family together. */
export interface Grouped {
  readonly text: string;
  /** Where a line of the text, counted from 1, was before. */
  lineBefore(line: number): number;
}

/**
 * Puts the lines of each family together. Scripts that loop over devices tend to write a line of every family in turn, which
 * the format does not allow, but node_exporter takes.
 */
export function grouped(text: string): Grouped {
  // An unfinished line must stay where all can see that it is: moved, it would be finished by the next.
  if (!text.endsWith('\n')) return { text, lineBefore: (line) => line };
  const types = text.matchAll(/^[ \t]*#[ \t]*TYPE[ \t]+(\S+)[ \t]+(?:histogram|summary)\b/gm);
  const composed = new Set([...types].map((match) => match[1]));
  const families = new Map<string, number[]>();
  const lines = text.split(/(?<=\n)/);
  lines.forEach((line, index) => {
    const name = /^[ \t]*(?:#[ \t]*(?:HELP|TYPE)[ \t]+)?([a-zA-Z_:][a-zA-Z0-9_:]*)/.exec(line)?.[1] ?? '';
    const base = name.replace(/_(bucket|sum|count)$/, '');
    const family = composed.has(base) ? base : name;
    const indices = families.get(family);
    if (indices === undefined) families.set(family, [index]);
    else indices.push(index);
  });
  const order = [...families.values()].flat();
  return { text: order.map((index) => lines[index]).join(''), lineBefore: (line) => (order[line - 1] ?? line - 1) + 1 };
}
