import { mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

// Package managers that have nothing in a cache take minutes.
export default mergeConfig(shared, { test: { testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false } });
