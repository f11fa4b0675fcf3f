import { type HttpRequest, type HttpResponse, textResponse } from '../../serve/answer/http-message.ts';
import type { App } from '../../serve/app.ts';

const PATH = '/-/reload';

/** Adds `POST /-/reload` to an app; where it is not enabled, it answers 403. */
export function lifecycle(app: App, enabled: boolean, reload: (by: string) => Promise<boolean>): App {
  return async (request) => (request.path === PATH ? answer(request) : app(request));

  async function answer(request: HttpRequest): Promise<HttpResponse> {
    if (!enabled) return textResponse(403, 'not enabled; start with --web.enable-lifecycle\n');
    if (request.method !== 'POST' && request.method !== 'PUT') {
      return textResponse(405, 'method not allowed; use POST\n', { allow: 'POST, PUT' });
    }
    if (isFromOtherSite(request)) return textResponse(403, 'not for pages of other sites\n');
    const went = await reload(`POST ${PATH}`);
    return went ? textResponse(200, 'reloaded\n') : textResponse(500, 'not reloaded; the log says why\n');
  }
}

/** Whether a browser asks for a page of another origin, which any page can make it do. Other clients send neither header. */
function isFromOtherSite(request: HttpRequest): boolean {
  const site = request.header('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = request.header('origin');
  return origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === request.header('host'));
}
