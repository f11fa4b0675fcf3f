import { ask } from '../ask.ts';
import { credentials } from '../files.ts';
import { again, type Load } from './load.ts';

const cases: readonly { readonly who: string; readonly headers: { readonly [name: string]: string } }[] = [
  { who: 'wrong password', headers: credentials.wrong },
  { who: 'unknown user', headers: credentials.unknown },
  { who: 'no credentials', headers: {} },
  { who: 'credentials of garbage', headers: { authorization: 'Basic %%%' } },
];

/** Unauthorized clients. */
export const strangers: Load = (field) =>
  again(field, 'stranger', 300, async (round) => {
    const { who, headers } = cases[round % cases.length]!;
    const { status, body } = await ask(`${field.url}metrics`, { headers });
    if (status === 401 && !body.includes('soak_')) field.tally.count(`${who}: 401`);
    else field.tally.unexpected(who, `${status} ${body}`);
  });
