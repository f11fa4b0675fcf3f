import { sinkRules } from './sink-rules.ts';
import { type SinkUnderTest, tester } from './sink-tester.ts';

/** One rule that every sink keeps. */
export interface SinkRule {
  readonly title: string;
  /**
   * Resolves when the sink keeps it: with the reason where it is exempt.
   *
   * @throws Error that tells what is otherwise.
   */
  check(): Promise<string | undefined>;
}

/**
 * What is asked of a sink, whatever it delivers to: replaced and added groups, groups that stay apart, values of all
 * sorts, refusals before anything is sent. A sink that tells no modes apart, or can't remove, is exempt from what is
 * about that.
 *
 * Each rule has a group of its own, so that all of them may go to the same place, at the same time.
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
