import { type HttpRequest, type HttpResponse, textResponse } from '../answer/http-message.ts';
import type { App } from '../app.ts';
import { challenges, isAuthorized } from './credentials.ts';
import { passwords } from './passwords.ts';
import { type RateLimit, rateLimit } from './rate-limit.ts';
import type { ActiveWebConfig, WebConfigStore } from './web-config-store.ts';

/** Puts an app behind a web configuration: its limits first, then who may ask; its headers are on every answer. */
export function protectedApp(app: App, web: WebConfigStore, name: string): App {
  const checker = passwords();
  let limiter: { readonly of: ActiveWebConfig['rateLimit']; readonly limit: RateLimit } | undefined;

  function limitOf({ rateLimit: rate }: ActiveWebConfig): RateLimit | undefined {
    if (rate === undefined) return undefined;
    if (JSON.stringify(limiter?.of) !== JSON.stringify(rate)) limiter = { of: rate, limit: rateLimit(rate) };
    return limiter!.limit;
  }

  async function answer(request: HttpRequest, state: ActiveWebConfig): Promise<HttpResponse> {
    const waitMs = limitOf(state)?.take(request.from ?? '', performance.now()) ?? 0;
    if (waitMs > 0) return tooMany('too many requests; ask less often\n', waitMs);
    const may = await isAuthorized(request, state, checker);
    if (may === 'busy') return tooMany('too many passwords to compare; try again\n', 1000);
    if (!may) return textResponse(401, 'unauthorized\n', { 'www-authenticate': challenges(state, name) });
    return app(request);
  }

  return async (request) => {
    await web.refresh();
    const { state } = web;
    const response = await answer(request, state);
    return { ...response, headers: { ...response.headers, ...state.headers } };
  };
}

const tooMany = (why: string, waitMs: number): HttpResponse =>
  textResponse(429, why, { 'retry-after': String(Math.ceil(waitMs / 1000)) });
