import { mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

/** Many of these tests wait for processes and time limits rather than for a processor. With all others, they come last. */
export default mergeConfig(shared, { test: { maxWorkers: 3, sequence: { groupOrder: 1 } } });
