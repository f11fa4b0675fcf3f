import type { Metric } from '../../metric/metric.ts';
import { isPointInTime } from '../../metric/point-in-time.ts';

/** A duration as people say it, such as `12.3 ms`, `4.2 s` or `3 h 5 min`. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return String(seconds);
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 1e-3) return `${short(seconds * 1e6)} µs`;
  if (size < 1) return `${short(seconds * 1e3)} ms`;
  if (size < 60) return `${short(seconds)} s`;
  const sign = seconds < 0 ? '-' : '';
  const whole = Math.round(size);
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${sign}${days} d${hours > 0 ? ` ${hours} h` : ''}`;
  if (hours > 0) return `${sign}${hours} h${minutes > 0 ? ` ${minutes} min` : ''}`;
  return `${sign}${minutes} min${whole % 60 > 0 ? ` ${whole % 60} s` : ''}`;
}

/** How long ago a time was. */
export function ageText(at: number, now: number): string {
  const seconds = (now - at) / 1000;
  if (seconds < 1) return 'now';
  return `${durationText(Math.floor(seconds))} ago`;
}

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

function bytesText(bytes: number): string {
  if (!Number.isFinite(bytes)) return short(bytes);
  const step = bytes === 0 ? 0 : Math.min(binary.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(bytes)) / 10)));
  return `${short(bytes / 1024 ** step)} ${binary[step]}`;
}

/** Three or four digits, with groups: 1,234,567. */
function short(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace('Infinity', 'Inf');
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e15)) return value.toPrecision(4).replace(/\.?0+(?=e|$)/, '');
  if (Number.isInteger(value) || size >= 1000) return countText(value);
  return String(Number(value.toPrecision(4)));
}

/** A count, with groups. Without `Intl`, whose tables would take 9 MB for as long as the process runs. */
export const countText = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** A value of a family in its unit. */
export function valueText(metric: Pick<Metric, 'unit' | 'name' | 'help' | 'kind' | 'views'>, value: number): string {
  if (value > 1e8 && value < 1e11 && isPointInTime(metric))
    return new Date(value * 1000).toISOString().replace(/\.\d+/, '');
  return unitText(metric.unit, value);
}

/** A value in a base unit. */
export function unitText(unit: string, value: number): string {
  if (unit === 'seconds') return durationText(value);
  if (unit === 'bytes') return bytesText(value);
  if (unit === 'ratio') return `${short(value * 100)} %`;
  return short(value);
}
