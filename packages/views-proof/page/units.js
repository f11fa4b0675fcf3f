// Values with Grafana's units, as far as the kit writes them.

const steps = (base, names) => (value) => {
  let i = 0;
  for (let size = Math.abs(value); size >= base && i < names.length - 1; size /= base) i++;
  return `${short(value / base ** i)}${names[i]}`;
};
const short = (value) => String(Number(value.toPrecision(3)));

function seconds(value) {
  const size = Math.abs(value);
  for (const [unit, factor] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
    ['ms', 1e-3],
    ['µs', 1e-6],
  ]) {
    if (size >= factor) return `${short(value / factor)} ${unit}`;
  }
  return value === 0 ? '0 s' : `${short(value / 1e-9)} ns`;
}

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB'].map((name) => ` ${name}`);
const units = {
  s: seconds,
  bytes: steps(1024, binary),
  binBps: steps(
    1024,
    binary.map((name) => `${name}/s`),
  ),
  percentunit: (value) => `${short(value * 100)}%`,
  percent: (value) => `${short(value)}%`,
  ops: (value) => `${plain(value)} ops/s`,
  reqps: (value) => `${plain(value)} req/s`,
  celsius: (value) => `${short(value)} °C`,
  dateTimeFromNow: (value) => new Date(value).toISOString(),
};
const plain = steps(1000, ['', ' K', ' Mil', ' Bil', ' Tri']);

/** The text of a value. */
globalThis.withUnit = (value, unit) => {
  if (!Number.isFinite(value)) return String(value);
  return (units[unit] ?? plain)(value);
};
