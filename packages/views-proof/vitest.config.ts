import { mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

// Starts some forty programs, and draws a thousand panels.
export default mergeConfig(shared, {
  test: { fileParallelism: false, hookTimeout: 1_200_000, testTimeout: 600_000 },
});
