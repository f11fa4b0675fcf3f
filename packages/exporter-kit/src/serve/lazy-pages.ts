import type { Gatherer } from '../collect/scrape/gather.ts';
import type { Modules } from '../probe/modules.ts';
import type { ProbeRoutes } from '../probe/route.ts';
import type { HttpRequest, HttpResponse } from './answer/http-message.ts';
import type { StatusFacts } from './answer/status.ts';

/** What pages show: the exporter under one configuration. */
export interface Subject {
  readonly gatherer: Gatherer;
  readonly modules: Modules;
  /** Absent if nothing can be probed. */
  readonly probes?: ProbeRoutes | undefined;
  /** Path of the metrics. */
  readonly path: string;
  readonly facts: () => StatusFacts;
}

/** Pages for people, and what they have recorded: one for each process, kept over reloads. */
export interface Pages {
  answer(request: HttpRequest, subject: Subject): Promise<HttpResponse>;
  /** Records scrapes of the gatherer, in place of an earlier one's: from now on, or only while somebody looks. */
  record(gatherer: Gatherer, always: boolean): Promise<void>;
}

/** Pages whose code is loaded when the first of them is asked for. */
export function lazyPages(): Pages {
  let loading: Promise<Pages> | undefined;

  async function loaded(): Promise<Pages> {
    loading ??= import('./page/pages.ts').then(({ pages }) => pages());
    try {
      return await loading;
    } catch (error) {
      // Such as too many open files: the next request tries again.
      loading = undefined;
      throw error;
    }
  }

  return {
    answer: async (request, subject) => (await loaded()).answer(request, subject),
    async record(gatherer, always) {
      if (always || loading !== undefined) await (await loaded()).record(gatherer, always);
    },
  };
}

/** Paths that pages answer, beside `/` and `/-/probes`. */
export const PAGE_PATHS = [
  '/-/collector',
  '/-/metric',
  '/-/page/script.js',
  '/-/page/style.css',
  '/-/page/icon.svg',
] as const;
