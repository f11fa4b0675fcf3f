import { isInShard, type Shard, selectedBy } from '../collect/source/shard.ts';
import type { Source } from '../collect/source/source.ts';
import type { Target } from '../collect/source/targets.ts';
import type { Modules } from '../probe/modules.ts';
import { exactTarget } from '../probe/rule.ts';
import { type HttpRequest, type HttpResponse, textResponse } from './answer/http-message.ts';

/** What is discovered. */
export interface Discoverable {
  /** The fixed targets of sources. */
  readonly targets: readonly { readonly source: Source; readonly target: Target }[];
  readonly modules: Modules;
  /** Path of the metrics. */
  readonly path: string;
  /** Leaves out the module targets of other shards. */
  readonly shard?: Shard;
}

type Labels = { readonly [label: string]: string };

/**
 * Handles `/-/sd`: the exporter's own targets for Prometheus's `http_sd_configs`. All of them are scraped at this exporter,
 * by the address that the request names.
 */
export function discovery(discoverable: Discoverable): (request: HttpRequest) => HttpResponse {
  const groups = [...fixedTargets(discoverable), ...moduleTargets(discoverable)];
  return (request) => {
    const host = request.header('host') ?? request.header(':authority');
    if (host === undefined || host === '') return textResponse(400, 'the Host header is missing\n');
    return textResponse(200, `${JSON.stringify(groups.map((labels) => ({ targets: [host], labels })))}\n`, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
  };
}

/** One scrape of each name, since sources may have targets of the same name. */
function fixedTargets({ targets, path }: Discoverable): Labels[] {
  const sources = new Map<string, Set<string>>();
  for (const { source, target } of targets) {
    const name = selectedBy(source, target);
    sources.set(name, (sources.get(name) ?? new Set()).add(source.name));
  }
  return Array.from(sources, ([name, of]) => ({
    __metrics_path__: path,
    __param_target: name,
    __meta_exporter_source: [...of].join(','),
    instance: name,
  }));
}

/** Of modules' rules, those that name one target. */
function moduleTargets({ modules, shard }: Discoverable): Labels[] {
  return [...modules.values()].flatMap(({ name, targets = [] }) => {
    const exact = new Set(targets.flatMap((rule) => exactTarget(rule) ?? []));
    const own = [...exact].filter((target) => shard === undefined || isInShard(shard, target));
    return own.map((target) => ({
      __metrics_path__: '/probe',
      __param_target: target,
      __param_module: name,
      instance: target,
      module: name,
    }));
  });
}
