/// <reference types="node" preserve="true" />
/**
 * For people who test exporters: `import { scrape } from 'exporter-kit/testing'`.
 *
 * @module
 */

export type { NativeBucket, NativeHistogram } from '../collect/native-histogram.ts';
export { parseOpenMetrics } from '../parse/openmetrics.ts';
export { parseProtobuf } from '../parse/protobuf.ts';
export { parseText } from '../parse/text.ts';
export type { ScrapeOptions, SourceScrapeOptions } from './ask-target.ts';
export { type Changes, changes } from './changes.ts';
export {
  type CollectorRule,
  type CollectorUnderTest,
  collectorConformance,
  type HangingSource,
  type Subject,
} from './collector-conformance.ts';
export type { FakedCollector } from './faked-collector.ts';
export {
  type Fault,
  type FaultyGateway,
  type FaultyGatewayOptions,
  faultyGateway,
  type ReceivedPush,
} from './faulty-gateway.ts';
export { golden } from './golden.ts';
export { type LintFinding, lint } from './lint.ts';
export { type Probed, type ProbedOptions, probed } from './probed.ts';
export { type Scraped, scrape } from './scrape.ts';
export { type SinkRule, sinkConformance } from './sink-conformance.ts';
export type { SinkUnderTest } from './sink-tester.ts';
export { type SourceTarget, type SourceUnderTest, sourceConformance } from './source-conformance.ts';
export type { ViewRule } from './views/asked.ts';
export type { ViewFinding } from './views/check-asked.ts';
export { type LintViewsOptions, lintViews } from './views/lint-views.ts';
