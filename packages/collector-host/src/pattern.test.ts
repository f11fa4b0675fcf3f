import { z } from 'exporter-kit/config';
import { expect, it } from 'vitest';
import { pattern } from './pattern.ts';

const schema = z.object({ exclude: pattern(/^a\/b/, 'What is left out.') });

it('is a regular expression, with a preset', () => {
  expect(schema.parse({})).toEqual({ exclude: /^a\/b/ });
  expect(schema.parse({ exclude: '^x' })).toEqual({ exclude: /^x/ });
});

it('does not take what is none', () => {
  expect(() => schema.parse({ exclude: '(' })).toThrow('Invalid regular expression');
});

it('shows its preset to those who make flags of it', () => {
  const shown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  expect(shown.properties?.exclude).toMatchObject({
    type: 'string',
    default: '^a/b',
    description: 'What is left out.',
  });
});
