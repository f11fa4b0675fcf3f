import { basicCredentials } from 'exporter-kit/http';
import { authorizationOf } from './authorization.ts';
import type { HttpConfig } from './config.ts';

/** Makes the headers of a request, `host` among them, by lower-case name. */
export type HeadersFor = (url: URL) => { readonly host: string; readonly [name: string]: string };

// What is for the target is not for whomever it redirects to.
const private_ = /^(host|authorization|cookie)$|token|api-?key|secret/;

/** The headers of a module, for requests that begin at a URL. */
export async function headersOf(config: HttpConfig, first: URL): Promise<HeadersFor> {
  const authorization = await authorizationOf(config);
  const own = Object.entries(config.headers).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  return (url) => {
    const home = url.origin === first.origin;
    const basic = home ? basicCredentials(url) : undefined;
    return {
      host: url.host,
      'user-agent': 'probe-exporter',
      connection: 'close',
      ...(config.compression === '' ? {} : { 'accept-encoding': config.compression }),
      ...(home && authorization !== undefined ? { authorization } : {}),
      // As curl and Go have it: who writes them there means them.
      ...(basic === undefined ? {} : { authorization: basic }),
      ...Object.fromEntries(own.filter(([name]) => home || !private_.test(name))),
    };
  };
}
