import { messageOf } from '../../errors/thrown.ts';
import type { LockedMetric, MetricsLock } from './lock.ts';

/**
 * Reads a lock that this or an earlier version has written. Fields that it does not know are ignored.
 *
 * @throws Error that says what is wrong, as the rest of a sentence about the file.
 */
export function readLock(text: string): MetricsLock {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new Error(`is not JSON: ${messageOf(cause)}`, { cause });
  }
  if (!isRecord(data) || !Array.isArray(data.metrics))
    throw new Error('has no list "metrics"; is it a metrics.lock.json?');
  if (data.lockVersion !== 1) {
    throw new Error(`has lockVersion ${JSON.stringify(data.lockVersion)}; this version of exporter-kit reads 1.`);
  }
  const seen = new Set<string>();
  for (const [i, metric] of (data.metrics as unknown[]).entries()) {
    const wrong = problemOf(metric);
    const name = isRecord(metric) && typeof metric.name === 'string' ? ` (${JSON.stringify(metric.name)})` : '';
    if (wrong !== undefined) throw new Error(`is damaged: metric ${i + 1}${name}: ${wrong}; restore it from git.`);
    const { name: one } = metric as LockedMetric;
    if (seen.has(one)) throw new Error(`is damaged: it has ${JSON.stringify(one)} twice; restore it from git.`);
    seen.add(one);
  }
  return data as unknown as MetricsLock;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isNumbers: Check = (value) => Array.isArray(value) && value.every((one) => typeof one === 'number');
const isLabels: Check = (value) => isRecord(value) && Object.values(value).every((one) => one === null || isTexts(one));

const needed: Readonly<Record<string, Check>> = { name: isText, kind: isText, help: isText };
const possible: Readonly<Record<string, Check>> = {
  unit: isText,
  labels: isLabels,
  buckets: isNumbers,
  quantiles: isNumbers,
  states: isTexts,
  deprecated: isRecord,
};

function problemOf(metric: unknown): string | undefined {
  if (!isRecord(metric)) return 'it is not an object';
  const missing = Object.keys(needed).find((key) => !Object.hasOwn(metric, key));
  if (missing !== undefined) return `"${missing}" is missing`;
  const wrong = Object.entries({ ...needed, ...possible }).find(
    ([key, check]) => Object.hasOwn(metric, key) && !check(metric[key]),
  );
  return wrong && `"${wrong[0]}" has an unexpected value`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
