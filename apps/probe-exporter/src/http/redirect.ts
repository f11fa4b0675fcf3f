import type { Ask, Reply } from './round-trip.ts';

type Next = Pick<Ask, 'url' | 'method' | 'body'>;

/**
 * Where a reply sends on, and what to ask there. Source: RFC 9110, 15.4; clients ask for what 301 and 302 mean by GET.
 *
 * @throws Error for a location that can't be asked.
 */
export function redirectOf({ status, header }: Reply, { url, method, body }: Next): Next | undefined {
  const [location] = header('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, url.href)) throw new Error('it redirects to what is no URL');
  const next = new URL(location, url);
  if (next.origin !== url.origin) [next.username, next.password] = ['', ''];
  else if (next.username === '' && next.password === '') [next.username, next.password] = [url.username, url.password];
  if (next.protocol !== 'http:' && next.protocol !== 'https:') throw new Error(`it redirects to ${next.protocol}`);
  if (status === 307 || status === 308) return { url: next, method, body };
  return { url: next, method: method === 'HEAD' ? 'HEAD' : 'GET', body: undefined };
}
