import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

/** Tests that scaffold, install, build and run whole projects, or kill and mislead the generator in every way. */
export const long = [
  'add',
  'templates',
  'grown',
  'outside',
  'image',
  'interrupted',
  'adversarial',
  'migrate',
  'migrate-refused',
  'migrate-random',
  'as-it-stands',
  'ends',
  'pair',
  'promlint-names',
  'upgrade',
  'kept',
].map((name) => `test/${name}.test.ts`);

const { include: _every, ...test } = shared.test ?? {};

export default mergeConfig(defineConfig({ ...shared, test }), {
  test: { globalSetup: 'test/copied-templates.ts', include: long },
});
