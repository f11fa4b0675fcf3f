import { Buffer } from 'node:buffer';
import type { HttpResponse } from '../serve/answer/http-message.ts';
import { type Modules, proberOf } from './modules.ts';
import type { RecentProbe } from './recent.ts';

/** What can be probed, and what was. */
export interface ProbesStatus {
  readonly modules: readonly { readonly name: string; readonly prober: string; readonly timeoutSeconds?: number }[];
  /** Newest first. */
  readonly probes: readonly RecentProbe[];
}

export function probesStatus(modules: Modules, probes: readonly RecentProbe[]): ProbesStatus {
  return {
    modules: [...modules.values()].map((module) => ({
      name: module.name,
      prober: proberOf(module),
      ...(module.timeoutMs === undefined ? {} : { timeoutSeconds: module.timeoutMs / 1000 }),
    })),
    probes,
  };
}

/** `/-/probes` as JSON. */
export function probesJson(status: ProbesStatus): HttpResponse {
  const body = `${JSON.stringify(status)}\n`;
  return {
    status: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'x-content-type-options': 'nosniff',
      vary: 'Accept',
    },
    body,
  };
}
