import { expect, it } from 'vitest';
import { humanized } from '../../../test/humanized.ts';
import { templates } from './humanize.ts';

it.each(humanized)('%s of %d is %s', (name, value, text) => {
  expect(templates[name]!(value)).toBe(text);
});
