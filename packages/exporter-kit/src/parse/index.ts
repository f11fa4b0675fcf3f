/** Expositions as values: reading text and OpenMetrics, and handing what was read to a collector's writers. */
export type { Family, Sample } from '../collect/families.ts';
export { checkFamilies, writeFamilies } from '../collect/write-families.ts';
export { parseOpenMetrics } from './openmetrics.ts';
export { parseText } from './text.ts';
