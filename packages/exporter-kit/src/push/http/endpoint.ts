import type { Secret } from './secret.ts';

/** Credentials, headers and TLS settings of a server that results are sent to. */
export interface EndpointOptions {
  /** Basic auth; may also be in the URL. */
  readonly username?: string;
  readonly password?: Secret;
  /** Sent as `Authorization: Bearer`. */
  readonly bearerToken?: Secret;
  /** Additional headers, such as a tenant's. */
  readonly headers?: { readonly [name: string]: string };
  /** For https: PEM files, read again for each delivery. */
  readonly tls?: TlsOptions;
}

/** Files in PEM format, and the expected name in the server's certificate. */
export interface TlsOptions {
  /** Certificate authorities, instead of the system's. */
  readonly caFile?: string;
  /** Client certificate. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Default: the URL's host. */
  readonly serverName?: string;
}

/** A checked URL, with its credentials and settings. */
export interface Endpoint {
  /** The sink and the URL without secrets, for messages. */
  readonly name: string;
  /** Without credentials. */
  readonly url: URL;
  readonly options: EndpointOptions;
}

/** Headers reserved for the protocol or another option. */
const reserved =
  /^(host|authorization|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|proxy-.*|content-.*|user-agent|x-prometheus-remote-write-version)$/i;

/**
 * Checks a sink's URL and options, so that mistakes are reported when the program starts.
 *
 * @param kind name of the sink's kind.
 * @param example a valid URL.
 * @throws TypeError for an invalid URL, or options that contradict each other.
 */
export function endpointOf(kind: string, text: string, example: string, options: EndpointOptions): Endpoint {
  if (!URL.canParse(text) || !/^https?:\/\//i.test(text)) {
    // A password can contain an @, so everything up to the last one is removed.
    const shown = JSON.stringify(text.replace(/^([a-z]+:\/\/)?.*@/i, '$1'));
    throw new TypeError(`${kind}: ${shown} is not an http(s) URL; write ${example}.`);
  }
  const url = new URL(text);
  const { username = decoded(url.username), password = decoded(url.password) } = options;
  url.username = '';
  url.password = '';
  url.hash = '';
  const name = `${kind} ${url.origin}${url.pathname.replace(/\/$/, '')}`;
  const { bearerToken, tls, headers = {} } = options;
  if (bearerToken !== undefined && username !== '') {
    throw new TypeError(`${name}: bearerToken and username are mutually exclusive; leave one out.`);
  }
  if (tls !== undefined && url.protocol !== 'https:') throw new TypeError(`${name}: tls is for https URLs.`);
  if ((tls?.certFile === undefined) !== (tls?.keyFile === undefined)) {
    throw new TypeError(`${name}: tls.certFile and tls.keyFile must be set together, or neither.`);
  }
  if (username.includes(':')) throw new TypeError(`${name}: a username can't contain a colon.`);
  const own = Object.keys(headers).find((header) => reserved.test(header));
  if (own !== undefined) throw new TypeError(`${name}: the header ${own} is reserved; leave it out.`);
  return { name, url, options: { ...options, username, password } };
}

/** Decodes a part of the URL; a `%` that is not an escape stays. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
