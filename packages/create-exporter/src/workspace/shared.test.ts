import { expect, it } from 'vitest';
import { useOf } from './shared.ts';

it('calls what makes collectors, and spreads what lists them', () => {
  expect(['host', '...hostCollectors'].map(useOf)).toEqual(['host()', '...hostCollectors']);
});
