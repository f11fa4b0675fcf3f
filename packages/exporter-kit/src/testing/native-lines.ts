import type { Family, Sample } from '../collect/families.ts';
import type { NativeBucket } from '../collect/native-histogram.ts';
import { escapeQuoted, writtenLabel } from '../metric/escape.ts';

/**
 * The native histograms of families as comments, which parsers of text skip: for golden files, where text has no such thing.
 * Buckets are `index:count`.
 */
export function nativeLines(families: readonly Family[]): string {
  return families.flatMap(({ samples }) => samples.map(lineOf)).join('');
}

function lineOf({ name, labels, native }: Sample): string {
  if (native === undefined) return '';
  const pairs = Object.entries(labels).map(([label, value]) => `${writtenLabel(label)}="${escapeQuoted(value)}"`);
  const { schema, zeroThreshold, zeroCount, sum, count, positive, negative, gauge } = native;
  const sides = [sideOf('positive', positive), sideOf('negative', negative)].join('');
  const kind = gauge ? 'native gauge' : 'native';
  return `# ${kind} ${name}{${pairs}} count ${count}, sum ${sum}, schema ${schema}, zero ${zeroCount} (up to ${zeroThreshold})${sides}\n`;
}

const sideOf = (side: string, buckets: readonly NativeBucket[]): string =>
  buckets.length === 0 ? '' : `, ${side} ${buckets.map(([index, count]) => `${index}:${count}`).join(' ')}`;
