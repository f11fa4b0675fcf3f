import { expect, it } from 'vitest';
import { checkAsked } from '../src/testing/views/check-asked.ts';
import { askedInAlerts } from '../src/testing/views/generated.ts';
import { alerted, alertedJob, alertedProbes } from './alerted.ts';

it.each([alerted, alertedProbes, alertedJob])('alerts of $name ask what lintViews accepts', async (program) => {
  const asked = askedInAlerts(program);
  expect(asked.length).toBeGreaterThan(4);
  expect(await checkAsked(asked, program, [])).toEqual([]);
});
