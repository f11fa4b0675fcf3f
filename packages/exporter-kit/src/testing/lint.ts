import type { Family } from '../collect/families.ts';
import { type NamingRule, namingFindings } from '../metric/naming.ts';
import { readText } from '../parse/text.ts';

/** One thing that `promtool check metrics` would say. */
export interface LintFinding {
  /** The family's name. */
  readonly metric: string;
  /** What is wrong, and what to do about it. */
  readonly message: string;
}

// Rules that the linter does not hold an untyped family to.
const typeless: ReadonlySet<NamingRule> = new Set(['suffix', 'label']);

/**
 * Holds an exposition in the text format 0.0.4 against the rules of Prometheus' own linter, as `promtool check metrics`
 * does, and a few that it lacks: names that OpenMetrics reserves. Sorted by name.
 *
 * @example
 * expect(lint((await scrape(queues(broker))).text)).toEqual([]);
 * @throws Error as `parseText` does, for a text that is no valid exposition; but a series that comes twice is a finding.
 */
export function lint(text: string): LintFinding[] {
  const findings: LintFinding[] = [];
  const families = readText(text, {
    duplicate(line, { name }) {
      findings.push({ metric: name, message: `has a series twice, again in line ${line.number}; write it once.` });
    },
  });
  for (const family of families) {
    for (const { rule, message } of namingFindings({ ...family, labels: labelsOf(family) })) {
      if (family.kind !== 'unknown' || !typeless.has(rule)) findings.push({ metric: family.name, message });
    }
  }
  return findings.sort((a, b) => (a.metric < b.metric ? -1 : a.metric > b.metric ? 1 : 0));
}

/** The labels of a family's series, less the one that its type writes itself. */
function labelsOf({ kind, samples }: Family): string[] {
  const own = kind === 'histogram' ? 'le' : kind === 'summary' ? 'quantile' : undefined;
  return [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))].filter((label) => label !== own);
}
