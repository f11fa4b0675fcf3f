import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

/** Tests that scaffold, install, build and run whole projects. */
export const long = ['templates', 'grown', 'outside', 'image'].map((name) => `test/${name}.test.ts`);

const { include: _every, ...test } = shared.test ?? {};

export default mergeConfig(defineConfig({ ...shared, test }), { test: { include: long } });
