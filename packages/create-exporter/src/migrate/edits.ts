/** A piece of a file's text that is replaced; an insertion if `start` is `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies edits; insertions at one place keep their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = edits
    .map((edit, i) => ({ ...edit, i }))
    .sort((a, b) => a.start - b.start || a.end - b.end || a.i - b.i);
  let done = '';
  let at = 0;
  for (const { start, end, text: fresh } of sorted) {
    if (start < at) throw new Error(`two changes overlap at ${JSON.stringify(text.slice(start, start + 30))}.`);
    done += text.slice(at, start) + fresh;
    at = end;
  }
  return done + text.slice(at);
}

/** The end of a node's line, if nothing follows on it; else the node's end. */
export function lineEnd(text: string, end: number): number {
  const rest = /^[ \t]*(\r?\n|$)/.exec(text.slice(end));
  return rest === null ? end : end + rest[0].length;
}
