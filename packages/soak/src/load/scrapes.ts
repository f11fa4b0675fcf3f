import { Agent } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { parseOpenMetrics, parseText } from 'exporter-kit/exposition';
import { type Answer, ask } from '../ask.ts';
import { credentials } from '../files.ts';
import { again, type Load } from './load.ts';

/** A request and the expected response. */
interface Case {
  readonly path: string;
  readonly method?: string;
  readonly status: number;
  /** A family that the body must contain, if any. */
  readonly has?: string;
}

const cases: readonly Case[] = [
  { path: 'metrics?exclude[]=wide', status: 200, has: 'soak_depth' },
  { path: 'metrics?exclude[]=wide&exclude[]=slow', status: 200, has: 'soak_session_age' },
  { path: 'metrics?collect[]=registry', status: 200, has: 'soak_work_seconds' },
  { path: 'metrics?name[]=soak_depth&name[]=__proto__', status: 200, has: 'soak_depth' },
  { path: 'metrics?exclude[]=wide', method: 'HEAD', status: 200 },
  { path: 'metrics?collect[]=churn&collect[]=steady', status: 200, has: 'soak_session_age' },
  { path: 'metrics?collect[]=nobody', status: 400 },
  { path: 'metrics?collect[]=churn', method: 'POST', status: 405 },
  { path: 'metrics?name[]=nothing', status: 200 },
  { path: '-/status.json', status: 200 },
  { path: '', status: 200 },
  { path: 'etc/passwd', status: 404 },
];

const OPEN_METRICS = 'application/openmetrics-text';
const accepts: readonly string[] = [
  `${OPEN_METRICS};version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2`,
  'text/plain',
  'garbage;;q',
  '*/*',
];

/** Scrapes of all kinds, each checked to the last line; two at a time on keep-alive connections. */
export const scrapes: Load = async (field) => {
  const agent = new Agent({ keepAlive: true });
  const one = (offset: number): Promise<void> =>
    again(field, 'scrape', 40, async (round) => {
      // Coprime periods, so that all combinations occur.
      const wanted = cases[(round + offset) % cases.length]!;
      const accept = accepts[Math.floor(round / cases.length) % accepts.length]!;
      const zip = (Math.floor(round / 5) + offset) % 2 === 0;
      const { path, method = 'GET', status } = wanted;
      const headers = {
        ...credentials.usual,
        accept,
        'x-prometheus-scrape-timeout-seconds': '2',
        ...(zip ? { 'accept-encoding': 'gzip' } : {}),
      };
      const answer = await ask(`${field.url}${path}`, { method, headers, agent });
      const wrong = wrongWith(answer, wanted, accept);
      if (wrong === undefined) field.tally.count(`${method} ${path.replace(/\?.*/, '') || 'landing page'}: ${status}`);
      else field.tally.unexpected(`${method} ${path} as ${accept}`, wrong);
    });
  await Promise.all([one(0), one(3)]);
  agent.destroy();
};

function wrongWith(answer: Answer, { path, method, status, has }: Case, accept: string): string | undefined {
  const body =
    answer.headers['content-encoding'] === 'gzip' && method !== 'HEAD' ? gunzipSync(answer.body) : answer.body;
  const text = body.toString();
  if (answer.status !== status) return `${answer.status} ${text}`;
  if (method === 'HEAD') return text === '' ? undefined : 'a body';
  if (status !== 200 || !path.startsWith('metrics')) return undefined;
  const isOpen = accept.startsWith(OPEN_METRICS);
  const type = answer.headers['content-type'] ?? '';
  if (!type.startsWith(isOpen ? OPEN_METRICS : 'text/plain; version=0.0.4')) return `of type ${type}`;
  const families = isOpen ? parseOpenMetrics(text) : parseText(text);
  if (has !== undefined && !families.some(({ name }) => name === has)) return `without ${has}`;
  return undefined;
}
