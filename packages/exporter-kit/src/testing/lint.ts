import type { Family } from '../collect/families.ts';
import { ownLabel } from '../metric/labels.ts';
import { type NamingRule, namingFindings } from '../metric/naming.ts';
import { readText } from '../parse/text.ts';

/** One problem, as `promtool check metrics` reports it. */
export interface LintFinding {
  /** The family's name. */
  readonly metric: string;
  /** The problem, and how to fix it. */
  readonly message: string;
}

// Rules that do not apply to untyped families.
const typeless: ReadonlySet<NamingRule> = new Set(['suffix', 'label']);

/**
 * Checks an exposition in the text format 0.0.4 like Prometheus' own linter, `promtool check metrics`, and also for names
 * that OpenMetrics reserves. Findings are sorted by name.
 *
 * @example
 * expect(lint((await scrape(queues(broker))).text)).toEqual([]);
 * @throws Error like `parseText`, for an invalid exposition; but duplicate series are findings.
 */
export function lint(text: string): LintFinding[] {
  const findings: LintFinding[] = [];
  const families = readText(text, {
    duplicate(line, { name }) {
      findings.push({ metric: name, message: `has a duplicate series, in line ${line.number}; write it once.` });
    },
  });
  for (const family of families) {
    for (const { rule, message } of namingFindings({ ...family, labels: labelsOf(family) })) {
      if (family.kind !== 'unknown' || !typeless.has(rule)) findings.push({ metric: family.name, message });
    }
  }
  return findings.sort((a, b) => (a.metric < b.metric ? -1 : a.metric > b.metric ? 1 : 0));
}

/** The labels of a family's series, without the one that its type writes. */
function labelsOf({ kind, name, samples }: Family): string[] {
  const own = ownLabel({ kind, name });
  return [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))].filter((label) => label !== own);
}
