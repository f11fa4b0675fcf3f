import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import { type HttpRequest, type HttpResponse, textResponse } from '../answer/http-message.ts';
import type { App } from '../app.ts';
import { type Passwords, passwords } from './passwords.ts';
import { type RateLimit, rateLimit } from './rate-limit.ts';
import type { WebSettings } from './settings.ts';
import type { ActiveWebConfig, WebConfigStore } from './web-config-store.ts';

/** Applies a web configuration to an app: rate limit, then authorization; its headers are added to every response. */
export function protectedApp(app: App, web: WebConfigStore, name: string): App {
  const checker = passwords();
  let limiter: { readonly of: ActiveWebConfig['rateLimit']; readonly limit: RateLimit } | undefined;

  function limitOf({ rateLimit: rate }: ActiveWebConfig): RateLimit | undefined {
    if (rate === undefined) return undefined;
    if (JSON.stringify(limiter?.of) !== JSON.stringify(rate)) limiter = { of: rate, limit: rateLimit(rate) };
    return limiter!.limit;
  }

  async function respondTo(request: HttpRequest, state: ActiveWebConfig): Promise<HttpResponse> {
    const waitMs = limitOf(state)?.take(request.from ?? '', performance.now()) ?? 0;
    if (waitMs > 0) return tooMany('too many requests; retry later\n', waitMs);
    const authorized = await isAuthorized(request, state, checker);
    if (authorized === 'busy') return tooMany('too many logins at once; try again\n', 1000);
    if (!authorized) return textResponse(401, 'unauthorized\n', { 'www-authenticate': challenges(state, name) });
    return app(request);
  }

  return async (request) => {
    await web.refresh();
    const { state } = web;
    const response = await respondTo(request, state);
    return { ...response, headers: { ...response.headers, ...state.headers } };
  };
}

const tooMany = (why: string, waitMs: number): HttpResponse =>
  textResponse(429, why, { 'retry-after': String(Math.ceil(waitMs / 1000)) });

/** Whether the request is authorized, or needs no credentials. */
async function isAuthorized(
  request: HttpRequest,
  { users, tokens, openPaths }: WebSettings,
  checker: Passwords,
): Promise<boolean | 'busy'> {
  if ((users.size === 0 && tokens.length === 0) || openPaths.has(request.path)) return true;
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(request.header('authorization')?.trim() ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return isOneOf(tokens, value);
    case 'basic': {
      const decoded = Buffer.from(value, 'base64');
      const colon = decoded.indexOf(':');
      if (users.size === 0 || colon < 0) return false;
      const [user, password] = [decoded.toString('utf8', 0, colon), decoded.subarray(colon + 1)];
      return checker.check({ user, password, from: request.from ?? '', signal: request.signal }, users);
    }
    default:
      return false;
  }
}

/** Takes the same time for every token. */
function isOneOf(digests: readonly Uint8Array[], token: string): boolean {
  const digest = createHash('sha256').update(token).digest();
  return digests.map((one) => timingSafeEqual(one, digest)).includes(true);
}

/** The value of `WWW-Authenticate`. */
function challenges({ users, tokens, realm }: WebSettings, name: string): string {
  const [quoted, found] = [`realm="${realm ?? name}"`, [] as string[]];
  if (users.size > 0) found.push(`Basic ${quoted}, charset="UTF-8"`);
  if (tokens.length > 0) found.push(`Bearer ${quoted}`);
  return found.join(', ');
}
