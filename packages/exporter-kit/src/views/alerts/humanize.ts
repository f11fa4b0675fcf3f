/**
 * What Prometheus' templates make of a value, for the texts that `promtool test rules` is to expect. Source: prometheus.io,
 * "Template reference".
 */
export const templates: { readonly [name: string]: (value: number) => string } = {
  humanize,
  humanize1024,
  humanizePercentage: (value) => `${general(value * 100)}%`,
  humanizeDuration,
};

const larger = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const larger1024 = ['', 'ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];
const smaller = ['', 'm', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];

function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return general(value);
  return Math.abs(value) >= 1 ? scaled(value, 1000, larger) : scaledUp(value);
}

function humanize1024(value: number): string {
  return Math.abs(value) <= 1 || !Number.isFinite(value) ? general(value) : scaled(value, 1024, larger1024);
}

function scaled(value: number, step: number, prefixes: readonly string[]): string {
  let rest = value;
  let i = 0;
  for (; Math.abs(rest) >= step && i < prefixes.length - 1; i++) rest /= step;
  return general(rest) + prefixes[i];
}

function scaledUp(value: number): string {
  let rest = value;
  let i = 0;
  for (; Math.abs(rest) < 1 && i < smaller.length - 1; i++) rest *= 1000;
  return general(rest) + smaller[i];
}

function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return general(value);
  if (value === 0) return '0s';
  if (Math.abs(value) < 1) return `${scaledUp(value)}s`;
  const sign = value < 0 ? '-' : '';
  const whole = Math.trunc(Math.abs(value));
  const [days, hours, minutes, seconds] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`;
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${seconds}s`;
  if (minutes > 0) return `${sign}${minutes}m ${seconds}s`;
  return `${general(value)}s`;
}

/** Go's `%.4g`. */
export function general(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa, exponent] = value.toExponential(3).split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 4) return String(Number(value.toPrecision(4)));
  const digits = mantissa!.replace(/\.?0+$/, '');
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
