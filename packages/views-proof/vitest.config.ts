import { mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

// Starts some twenty programs.
export default mergeConfig(shared, { test: { hookTimeout: 1_200_000 } });
