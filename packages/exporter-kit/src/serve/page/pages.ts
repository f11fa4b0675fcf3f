import type { HttpRequest, HttpResponse } from '../answer/http-message.ts';
import type { Pages, Subject } from '../lazy-pages.ts';
import { assetResponse } from './assets.ts';
import { collectorPage } from './collector-page.ts';
import { documentResponse, type PageContent } from './document.ts';
import { history } from './history.ts';
import { metricPage } from './metric-page.ts';
import { overviewPage } from './overview.ts';
import { probesPage } from './probes-page.ts';
import { VIEWS, viewsPage } from './views-page.ts';

/** Makes the pages of a process, with what they record. */
export function pages(): Pages {
  const past = history();

  async function contentOf(request: HttpRequest, subject: Subject): Promise<PageContent | HttpResponse> {
    if (request.path.startsWith(VIEWS)) return viewsPage(subject, request);
    if (request.path === '/-/probes') return probesPage(subject, subject.probes!, request);
    await past.look(subject.gatherer);
    switch (request.path) {
      case '/-/collector':
        return collectorPage(subject, past, request);
      case '/-/metric':
        return metricPage(subject, past, request);
      default:
        return overviewPage(subject, past, request);
    }
  }

  return {
    async record(gatherer, always) {
      past.record(gatherer, always);
    },
    async answer(request, subject) {
      if (request.path.startsWith('/-/page/')) return assetResponse(request);
      const content = await contentOf(request, subject);
      return 'body' in content && 'headers' in content ? content : documentResponse(content, subject, request);
    },
  };
}
