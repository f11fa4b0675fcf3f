import { sinkRules } from './sink-rules.ts';
import { type SinkUnderTest, tester } from './sink-tester.ts';

/** One rule for every sink. */
export interface SinkRule {
  readonly title: string;
  /**
   * Resolves if the sink obeys the rule, with a reason if it is exempt from it.
   *
   * @throws Error saying what is wrong.
   */
  check(): Promise<string | undefined>;
}

/**
 * The rules for every sink: groups are replaced, added to and kept apart, all values survive, and invalid deliveries are
 * rejected before anything is sent. A sink without modes, or without `remove`, is exempt from the rules about them.
 *
 * Each rule uses its own group, so all rules can run against one receiver at the same time.
 *
 * @example
 * describe('my sink', () => {
 *   for (const { title, check } of sinkConformance(() => ({ sink, read }))) {
 *     it(title, async ({ skip }) => {
 *       const exempt = await check();
 *       if (exempt !== undefined) skip(exempt);
 *     });
 *   }
 * });
 */
export function sinkConformance(start: () => SinkUnderTest | Promise<SinkUnderTest>): readonly SinkRule[] {
  return Object.entries(sinkRules).map(([title, rule], i) => ({
    title,
    async check() {
      const { sink, read } = await start();
      return rule(tester(sink, read, `conformance ${i}`));
    },
  }));
}
