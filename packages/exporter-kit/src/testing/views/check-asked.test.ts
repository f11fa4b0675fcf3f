import { expect, it } from 'vitest';
import { declaredJob, declaredShop } from '../../../test/declared-shop.ts';
import { checkAsked } from './check-asked.ts';
import { askedInPanels } from './generated.ts';

it("finds nothing in the kit's own panels", async () => {
  for (const program of [declaredShop, declaredJob]) {
    const asked = askedInPanels(program);
    expect(asked.length).toBeGreaterThan(8);
    expect(await checkAsked(asked, program, [])).toEqual([]);
  }
});
