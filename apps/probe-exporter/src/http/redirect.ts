import type { HttpRequest, HttpResponse } from './round-trip.ts';

type Next = Pick<HttpRequest, 'url' | 'method' | 'body'>;

/**
 * The next request after a redirect; `undefined` if there is none. Source: RFC 9110, 15.4; after 301 and 302, clients use GET.
 *
 * @throws Error for a location that is not an http or https URL.
 */
export function redirectOf({ status, header }: HttpResponse, { url, method, body }: Next): Next | undefined {
  const [location] = header('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, url.href)) throw new Error('redirected to an invalid URL');
  const next = new URL(location, url);
  if (next.origin !== url.origin) [next.username, next.password] = ['', ''];
  else if (next.username === '' && next.password === '') [next.username, next.password] = [url.username, url.password];
  if (next.protocol !== 'http:' && next.protocol !== 'https:')
    throw new Error(`redirected to the unsupported scheme ${next.protocol}`);
  if (status === 307 || status === 308) return { url: next, method, body };
  return { url: next, method: method === 'HEAD' ? 'HEAD' : 'GET', body: undefined };
}
