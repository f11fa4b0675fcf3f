import { type Answer, type Asked, plain } from '../answer/http-message.ts';
import type { App } from '../app.ts';
import { challenges, mayAsk } from './credentials.ts';
import { passwords } from './passwords.ts';
import { type RateLimit, rateLimit } from './rate-limit.ts';
import type { Web, WebState } from './web-config-store.ts';

/** Puts an app behind a web configuration: its limits first, then who may ask; its headers are on every answer. */
export function guarded(app: App, web: Web, name: string): App {
  const checker = passwords();
  let limiter: { readonly of: WebState['rateLimit']; readonly limit: RateLimit } | undefined;

  function limitOf({ rateLimit: rate }: WebState): RateLimit | undefined {
    if (rate === undefined) return undefined;
    if (JSON.stringify(limiter?.of) !== JSON.stringify(rate)) limiter = { of: rate, limit: rateLimit(rate) };
    return limiter!.limit;
  }

  async function answer(asked: Asked, state: WebState): Promise<Answer> {
    const waitMs = limitOf(state)?.take(asked.from ?? '', performance.now()) ?? 0;
    if (waitMs > 0) return tooMany('too many requests; ask less often\n', waitMs);
    const may = await mayAsk(asked, state, checker);
    if (may === 'busy') return tooMany('too many passwords to compare; try again\n', 1000);
    if (!may) return plain(401, 'unauthorized\n', { 'www-authenticate': challenges(state, name) });
    return app(asked);
  }

  return async (asked) => {
    await web.refresh();
    const { state } = web;
    const made = await answer(asked, state);
    return { ...made, headers: { ...made.headers, ...state.headers } };
  };
}

const tooMany = (why: string, waitMs: number): Answer =>
  plain(429, why, { 'retry-after': String(Math.ceil(waitMs / 1000)) });
