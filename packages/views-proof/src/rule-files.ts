import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';

/** A rule as the kit writes it. */
export interface Rule {
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
}
interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const duration = /^(\d+)([smhd])$/;

/** A minute becomes two seconds; scrapes and evaluations are then as far apart in proportion as they usually are. */
const HURRY = 30;
/** No alert waits longer, in seconds. */
const LONGEST = 30;

/**
 * Writes a copy of a rule file for tests that can't wait for minutes: `for` and ranges are a thirtieth, so that what depends
 * on their proportion still holds; no `for` is longer than 30 s. Thresholds stay as they are.
 */
export async function hurried(path: string, copy: string): Promise<string> {
  const { groups } = parse(await readFile(path, 'utf8')) as RuleFile;
  const all = groups.map((group) => ({ ...group, rules: group.rules.map(hurry) }));
  await writeFile(copy, stringify({ groups: all }));
  return copy;
}

/** See {@link hurried}. */
export const hurry = (rule: Rule): Rule => ({
  ...rule,
  expr: rule.expr.replaceAll(/\[(\w+)\]/g, (_, range: string) => `[${shorter(range)}s]`),
  ...(rule.for === undefined ? {} : { for: `${Math.min(shorter(rule.for), LONGEST)}s` }),
});

function shorter(text: string): number {
  const [, count, unit] = duration.exec(text) ?? [];
  if (count === undefined) throw new Error(`${text} is not a duration as the kit writes it`);
  return Math.ceil((Number(count) * UNITS[unit as keyof typeof UNITS]) / HURRY);
}
