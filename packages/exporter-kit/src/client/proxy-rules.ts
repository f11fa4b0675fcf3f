import { BlockList, isIP } from 'node:net';

/** The proxy for a URL; `undefined` for a direct connection. */
export type ProxyFor = (url: URL, address?: string) => URL | undefined;

/** Proxies, and their exceptions. */
export interface ProxySettings {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** As in `NO_PROXY`. */
  readonly no?: string | undefined;
}

/**
 * The proxies of the environment: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, or the same in lower case. `HTTP_PROXY` is ignored in
 * a CGI program, where a client can set it through a `Proxy` header. Source: Go's `httpproxy.FromEnvironment`.
 */
export function proxySettings(env: NodeJS.ProcessEnv): ProxySettings {
  const either = (name: string): string | undefined => env[name] || env[name.toLowerCase()];
  const cgi = Boolean(env.REQUEST_METHOD);
  return { http: cgi ? undefined : either('HTTP_PROXY'), https: either('HTTPS_PROXY'), no: either('NO_PROXY') };
}

/**
 * Finds the proxy for a URL, by Go's rules: never for this machine, nor for what `no` lists. That can be hosts
 * (`example.com` with its subdomains, `.example.com` for the subdomains alone) and addresses, with or without a port,
 * networks, and `*`.
 *
 * @throws Error for an invalid proxy.
 */
export function proxyRules({ http, https, no = '' }: ProxySettings): ProxyFor {
  // `isIP` compiles a long expression for the first host that is no IPv4 address: a tenth of the time of a short push.
  if (!http && !https) return () => undefined;
  const proxies: { readonly [protocol: string]: URL | undefined } = {
    'http:': http ? proxyUrl(http) : undefined,
    'https:': https ? proxyUrl(https) : undefined,
  };
  const written = no.split(',').map((one) => one.trim().toLowerCase());
  const exceptions = written.filter((one) => one !== '').map(exception);
  return (url, address) => {
    const proxy = proxies[url.protocol];
    if (proxy === undefined) return undefined;
    const name = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    const direct = [name, ...(address === undefined ? [] : [address])].some(
      (host) => isLocal(host) || exceptions.some((fits) => fits(host, port)),
    );
    return direct ? undefined : proxy;
  };
}

/** @throws Error without the URL, which may contain a password. */
export function proxyUrl(written: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
    throw new Error(`${url.protocol.slice(0, -1)} proxies are not supported; write http://proxy:3128`);
  }
  throw new Error('the proxy is not a URL; write http://proxy:3128');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

const isLocal = (host: string): boolean => host === 'localhost' || within(loopback, host);

function within(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

type Fits = (host: string, port: string) => boolean;

function exception(written: string): Fits {
  if (written === '*') return () => true;
  const [, network = '', bits = ''] = /^([0-9a-f:.]+)\/(\d+)$/.exec(written) ?? [];
  const family = isIP(network);
  if (family !== 0 && Number(bits) <= (family === 4 ? 32 : 128)) {
    const list = new BlockList();
    list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
    return (host) => within(list, host);
  }
  const [, bracketed, plain = written, only] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(written) ?? [];
  const name = (bracketed ?? plain).replace(/^\*\./, '.');
  if (name === '' || name === '.') return () => false;
  const below = name.startsWith('.') ? name : `.${name}`;
  const list = new BlockList();
  const isAddress = isIP(name) !== 0;
  if (isAddress) list.addAddress(name, isIP(name) === 4 ? 'ipv4' : 'ipv6');
  return (host, port) => {
    if (only !== undefined && only !== port) return false;
    return isAddress ? within(list, host) : host === name || host.endsWith(below);
  };
}
