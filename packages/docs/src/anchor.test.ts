import { expect, it } from 'vitest';
import { anchorOf } from './anchor.ts';

it.each([
  ['For the operator: `tune`', 'for-the-operator-tune'],
  ['4. What `up` says', '4-what-up-says'],
  ['`exporter-kit/testing`', 'exporter-kittesting'],
  ['A_b – c', 'a_b--c'],
])('%s has the anchor %s', (heading, anchor) => {
  expect(anchorOf(heading)).toBe(anchor);
});
