import { configDefaults, mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';
import { long } from './vitest.long.ts';

/** What takes seconds a test; the longer ones are `npm run test:templates`. */
export default mergeConfig(shared, {
  test: { globalSetup: 'test/copied-templates.ts', exclude: [...configDefaults.exclude, ...long] },
});
