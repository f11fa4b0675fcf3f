import { ask } from '../ask.ts';
import { credentials } from '../files.ts';
import { type Load, pause } from './load.ts';

const SIZE = 200;
const EVERY_MS = 20_000;

/** Now and then, 200 requests at once, each on a new connection. */
export const bursts: Load = async ({ url, tally, signal }) => {
  while (!signal.aborted) {
    const requests = Array.from({ length: SIZE }, async () => {
      try {
        const { status } = await ask(`${url}metrics?exclude[]=wide`, { headers: credentials.usual });
        if (status === 200) tally.count('scrape in a burst: 200');
        else tally.unexpected('scrape in a burst', status);
      } catch (error) {
        tally.unexpected('scrape in a burst', error);
      }
    });
    await Promise.all(requests);
    await pause(EVERY_MS, signal);
  }
};
