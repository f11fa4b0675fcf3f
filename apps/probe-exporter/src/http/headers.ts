import { basicCredentials } from 'exporter-kit/http-client';
import { authorizationOf } from './authorization.ts';
import type { HttpConfig } from './config.ts';

/** Returns the headers of a request, with `host`, by lower-case name. */
export type HeadersFor = (url: URL) => { readonly host: string; readonly [name: string]: string };

// Not sent to other origins after a redirect.
const private_ = /^(host|authorization|cookie)$|token|api-?key|secret/;

/** The headers of a module, for a request to `first` and its redirects. */
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
      // Credentials in the URL take precedence, as in curl and Go.
      ...(basic === undefined ? {} : { authorization: basic }),
      ...Object.fromEntries(own.filter(([name]) => home || !private_.test(name))),
    };
  };
}
