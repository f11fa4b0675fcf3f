import { type Answer, type Asked, plain } from '../../serve/answer/http-message.ts';
import type { App } from '../../serve/app.ts';

const PATH = '/-/reload';

/** Adds `POST /-/reload` to an app; where it is not enabled, it answers 403. */
export function lifecycle(app: App, enabled: boolean, reload: (by: string) => Promise<boolean>): App {
  return async (asked) => (asked.path === PATH ? answer(asked) : app(asked));

  async function answer(asked: Asked): Promise<Answer> {
    if (!enabled) return plain(403, 'not enabled; start with --web.enable-lifecycle\n');
    if (asked.method !== 'POST' && asked.method !== 'PUT') {
      return plain(405, 'method not allowed; use POST\n', { allow: 'POST, PUT' });
    }
    if (isFromOtherSite(asked)) return plain(403, 'not for pages of other sites\n');
    const went = await reload(`POST ${PATH}`);
    return went ? plain(200, 'reloaded\n') : plain(500, 'not reloaded; the log says why\n');
  }
}

/** Whether a browser asks for a page of another origin, which any page can make it do. Other clients send neither header. */
function isFromOtherSite(asked: Asked): boolean {
  const site = asked.header('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = asked.header('origin');
  return origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === asked.header('host'));
}
