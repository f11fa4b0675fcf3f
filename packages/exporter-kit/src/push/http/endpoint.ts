import type { Secret } from './secret.ts';

/** How a server that results are sent to is reached. */
export interface EndpointOptions {
  /** Basic auth; also taken from the URL. */
  readonly username?: string;
  readonly password?: Secret;
  /** Sent as `Authorization: Bearer`. */
  readonly bearerToken?: Secret;
  /** Further headers, such as a tenant's. */
  readonly headers?: { readonly [name: string]: string };
  /** For https: PEM files, read anew for each delivery. */
  readonly tls?: TlsOptions;
}

/** Files in PEM format, and the name the server's certificate has to have. */
export interface TlsOptions {
  /** Trusted instead of the system's authorities. */
  readonly caFile?: string;
  /** Shown to the server. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Default: the URL's host. */
  readonly serverName?: string;
}

/** A checked address, with what is needed to go there. */
export interface Endpoint {
  /** The sink and the URL without secrets, for messages. */
  readonly name: string;
  /** Without credentials. */
  readonly url: URL;
  readonly options: EndpointOptions;
}

/** Headers that belong to the protocol or to another option. */
const reserved =
  /^(host|authorization|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|proxy-.*|content-.*|user-agent|x-prometheus-remote-write-version)$/i;

/**
 * Checks where results shall be sent, so that what is wrong is said when the program starts.
 *
 * @param kind what the sink is called.
 * @param example a URL as it may be.
 * @throws TypeError for a URL that is none, and for options that contradict each other.
 */
export function endpointOf(kind: string, text: string, example: string, options: EndpointOptions): Endpoint {
  if (!URL.canParse(text) || !/^https?:\/\//i.test(text)) {
    // A password may hold what ends an URL's user part, so all up to the last @ goes.
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
    throw new TypeError(`${name}: bearerToken and username exclude each other; leave one out.`);
  }
  if (tls !== undefined && url.protocol !== 'https:') throw new TypeError(`${name}: tls is for https URLs.`);
  if ((tls?.certFile === undefined) !== (tls?.keyFile === undefined)) {
    throw new TypeError(`${name}: tls.certFile and tls.keyFile belong together; give both or none.`);
  }
  if (username.includes(':')) throw new TypeError(`${name}: a username can't have a colon in it.`);
  const own = Object.keys(headers).find((header) => reserved.test(header));
  if (own !== undefined) throw new TypeError(`${name}: the header ${own} is not yours to set; leave it out.`);
  return { name, url, options: { ...options, username, password } };
}

/** A part of the URL as it was meant: one who writes `%` means that, where it spells nothing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
