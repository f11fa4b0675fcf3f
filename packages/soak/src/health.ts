import { ask } from './ask.ts';
import { again, type Field } from './load/load.ts';

/** Requests `/-/healthy` ten times a second; resolves to the longest response time in ms, with the soak's own stalls. */
export async function longestWaitMs(field: Field): Promise<number> {
  let longest = 0;
  await again(field, 'GET /-/healthy', 100, async () => {
    const before = performance.now();
    const { status } = await ask(`${field.url}-/healthy`);
    longest = Math.max(longest, performance.now() - before);
    if (status === 200) field.tally.count('GET /-/healthy: 200');
    else field.tally.unexpected('GET /-/healthy', status);
  });
  return longest;
}
