import { mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

/** All tests run the demo, which writes to one folder. */
export default mergeConfig(shared, { test: { fileParallelism: false } });
