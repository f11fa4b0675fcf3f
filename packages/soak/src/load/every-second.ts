import { Agent } from 'node:http';
import { ask } from '../ask.ts';
import { credentials } from '../files.ts';
import { again, type Load } from './load.ts';

/** One scrape a second on one connection, as most exporters are asked, only more often. */
export const everySecond: Load = async (field) => {
  const agent = new Agent({ keepAlive: true });
  const headers = { ...credentials.usual, 'accept-encoding': 'gzip' };
  await again(field, 'scrape', 1_000, async () => {
    const { status } = await ask(`${field.url}metrics?exclude[]=wide&exclude[]=slow`, { headers, agent });
    if (status === 200) field.tally.count('GET metrics: 200');
    else field.tally.unexpected('GET metrics', status);
  });
  agent.destroy();
};
