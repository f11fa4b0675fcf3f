import type { AppOptions } from '../../serve/app.ts';
import { parseAddress } from '../../serve/http/address.ts';
import { type FlagsOf, flag, list, named, toggle } from './flag.ts';
import { duration, oneOf, text, wholeNumber } from './forms.ts';

/** How an exporter listens and answers. */
export interface WebValues
  extends Required<Pick<AppOptions, 'path' | 'maxRequests' | 'timeoutOffsetMs' | 'policy' | 'openMetricsCreated'>> {
  readonly address: readonly string[];
  readonly systemdSocket: boolean;
  readonly socketMode: number;
  readonly maxConnections: number;
  /** '' for none. */
  readonly configFile: string;
  readonly withoutOwnMetrics: boolean;
  readonly history: boolean;
}

/** Flags of every exporter that listens, named as exporter-toolkit and node_exporter name them. */
export const webFlags = (port: number): FlagsOf<WebValues> => ({
  address: list({
    name: 'web.listen-address',
    help: 'Address to listen on; without a host, on all interfaces. unix:/PATH is a unix socket.',
    default: [`:${port}`],
    startOnly: true,
    ...text('HOST:PORT', (address) => {
      parseAddress(address);
      return address;
    }),
  }),
  systemdSocket: toggle({
    name: 'web.systemd-socket',
    help: 'Listen on the sockets passed by systemd instead of on addresses.',
    default: false,
    startOnly: true,
  }),
  socketMode: flag({
    name: 'web.socket-mode',
    help: 'Permissions of a unix socket, in octal.',
    default: 0o660,
    startOnly: true,
    value: 'MODE',
    parse(mode) {
      if (/^0?[0-7]{3}$/.test(mode)) return Number.parseInt(mode, 8);
      throw new Error(`${JSON.stringify(mode)} is not a file mode; write it in octal, such as 660.`);
    },
    write: (mode) => mode.toString(8),
  }),
  maxConnections: flag({
    name: 'web.max-connections',
    help: 'Maximum concurrent connections; above it, the one idle longest is closed.',
    default: 1000,
    startOnly: true,
    ...wholeNumber(1, 999_999_999),
  }),
  configFile: flag({
    name: 'web.config.file',
    help: 'YAML file with TLS, basic auth and rate limits, as for exporter-toolkit. Read again when it changes.',
    default: '',
    otherwise: 'none',
    startOnly: true,
    ...text('FILE'),
  }),
  path: flag({
    name: 'web.telemetry-path',
    help: 'Path of the metrics.',
    default: '/metrics',
    ...text('PATH', (path) => {
      if (/^\/[A-Za-z0-9_./-]+$/.test(path) && !path.startsWith('/-/')) return path;
      throw new Error(`${JSON.stringify(path)} can't be served; write a path such as /metrics.`);
    }),
  }),
  maxRequests: flag({
    name: 'web.max-requests',
    help: 'Maximum concurrent collection rounds; identical scrapes share one. 0 for no limit.',
    default: 40,
    ...wholeNumber(0, 999_999_999),
  }),
  withoutOwnMetrics: toggle({
    name: 'web.disable-exporter-metrics',
    help: 'Leave out metrics about the exporter itself.',
    default: false,
  }),
  history: toggle({
    name: 'web.history',
    help: 'Record the last 60 scrapes for the pages from the start, not only while somebody looks.',
    default: false,
  }),
  openMetricsCreated: toggle({
    name: 'web.openmetrics-created',
    help: 'Serve _created lines in OpenMetrics; other scrapers than those that know start timestamps keep them as series.',
    default: false,
  }),
  timeoutOffsetMs: flag({
    name: 'scrape.timeout-offset',
    help: "Subtracted from the scraper's timeout.",
    default: 500,
    ...duration(),
  }),
  policy: flag({
    name: 'scrape.policy',
    help: 'Whether a scrape is answered (partial) or fails (strict) when some collectors failed.',
    default: 'partial',
    ...oneOf('partial', 'strict'),
  }),
});

/**
 * Addresses to listen on.
 *
 * @throws FlagError when systemd has passed no socket to this process.
 */
export function addressesOf({ address, systemdSocket }: WebValues): readonly string[] {
  if (!systemdSocket) return address;
  return named('web.systemd-socket', () => systemdSockets(process.env, process.pid));
}

/**
 * Addresses of the sockets that systemd passes. Source: sd_listen_fds(3).
 *
 * @throws Error if there are none for this process.
 */
export function systemdSockets({ LISTEN_PID, LISTEN_FDS }: NodeJS.ProcessEnv, pid: number): string[] {
  const count = Number(LISTEN_FDS);
  if (!Number.isInteger(count) || count < 1) {
    throw new Error('systemd has passed no socket; start the service from a .socket unit, or leave this flag out.');
  }
  if (Number(LISTEN_PID) !== pid) {
    throw new Error(`the sockets are for process ${LISTEN_PID}, not ${pid}; start it without a wrapper.`);
  }
  return Array.from({ length: count }, (_, i) => `fd:${3 + i}`);
}
