import type { Metric } from './metric.ts';
import { alertsIn } from './views.ts';

const names = /_timestamp_seconds$|_(start|boot|creation|modification|expiry)_time_seconds$|_expiry$/;
const words = /\bUnix time\b/;

/**
 * Whether the value is a point in time rather than a duration or an amount: a gauge called so, or with an alert on its age,
 * or what its help says is in Unix time. Some exporters call such a metric a counter, though its increase has no meaning.
 */
export function isPointInTime({ kind, name, help, views }: Pick<Metric, 'kind' | 'name' | 'help' | 'views'>): boolean {
  if (kind !== 'gauge' && kind !== 'counter') return false;
  if (words.test(help)) return true;
  const ages = alertsIn(views).filter(({ when }) => when.is === 'older' || when.is === 'expires');
  return kind === 'gauge' && (names.test(name) || ages.length > 0);
}
