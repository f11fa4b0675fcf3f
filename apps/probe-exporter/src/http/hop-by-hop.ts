/** Headers by lower-case name. */
interface Headers {
  readonly [name: string]: string;
}

const own = /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade|http2-settings)$/;

/** Removes connection headers, which HTTP/2 forbids. Source: RFC 9113, 8.2.2. */
export function withoutHopByHop(headers: Headers): Headers {
  const named = (headers.connection ?? '').toLowerCase().split(/[\s,]+/);
  const left = Object.entries(headers).filter(
    ([name, value]) => !own.test(name) && !named.includes(name) && (name !== 'te' || value === 'trailers'),
  );
  return Object.fromEntries(left);
}
