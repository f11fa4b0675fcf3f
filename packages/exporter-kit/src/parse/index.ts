/**
 * Expositions as values: parse text and OpenMetrics, and write the result through a collector.
 *
 * @module
 */
export type { Family, Sample } from '../collect/families.ts';
export { checkFamilies, writeFamilies } from '../collect/write-families.ts';
export { parseOpenMetrics } from './openmetrics.ts';
export { parseProtobuf } from './protobuf.ts';
export { parseText } from './text.ts';
