import { messageOf } from '../../errors/thrown.ts';
import type { AppOptions } from '../../serve/app.ts';
import { parseAddress } from '../../serve/http/address.ts';
import type { ListenOptions } from '../../serve/serve.ts';
import { parseDuration } from '../../time/duration.ts';
import { systemdFlag, systemdSockets } from '../process/systemd.ts';
import { FlagError } from '../usage-error.ts';
import type { Flag, FlagValues } from './flags.ts';

/** Flags of every exporter that listens, named as exporter-toolkit and node_exporter name them. */
export function webFlags(port: number): Flag[] {
  return [
    {
      name: 'web.listen-address',
      type: 'list',
      value: 'HOST:PORT',
      help: 'Where to listen; without a host, on all interfaces. Also unix:/PATH.',
      preset: `:${port}`,
      startOnly: true,
    },
    systemdFlag,
    {
      name: 'web.socket-mode',
      type: 'text',
      value: 'MODE',
      help: 'Permissions of a unix socket, in octal.',
      preset: '660',
      startOnly: true,
    },
    {
      name: 'web.max-connections',
      type: 'text',
      value: 'NUMBER',
      help: 'The most connections at the same time; above it, the one that has been idle longest is closed.',
      preset: '1000',
      startOnly: true,
    },
    {
      name: 'web.config.file',
      type: 'text',
      value: 'FILE',
      help: 'YAML file with TLS, passwords and limits, as exporter-toolkit has it. Read anew when it changes.',
      preset: 'none',
      presetIsWords: true,
      startOnly: true,
    },
    { name: 'web.telemetry-path', type: 'text', value: 'PATH', help: 'Where the metrics are.', preset: '/metrics' },
    {
      name: 'web.max-requests',
      type: 'text',
      value: 'NUMBER',
      help: 'The most rounds of collection at the same time, which scrapes of the same share; 0 for no limit.',
      preset: '40',
    },
    {
      name: 'web.disable-exporter-metrics',
      type: 'switch',
      help: 'Leave out what is about the exporter itself.',
      preset: 'false',
    },
    {
      name: 'scrape.timeout-offset',
      type: 'text',
      value: 'DURATION',
      help: 'Kept back of the time the scraper gives.',
      preset: '500ms',
    },
    {
      name: 'scrape.policy',
      type: 'text',
      value: 'partial|strict',
      help: 'Whether a scrape is served when some collectors failed.',
      preset: 'partial',
    },
  ];
}

/** What they say. */
export interface WebOptions
  extends Required<Pick<ListenOptions, 'address' | 'socketMode' | 'maxConnections'>>,
    Required<Pick<AppOptions, 'path' | 'maxRequests' | 'offsetMs' | 'policy'>> {
  /** '' is none. */
  readonly webFile: string;
}

/**
 * Reads them.
 *
 * @throws FlagError naming the flag that makes no sense.
 */
export function webOptions(port: number, values: FlagValues): WebOptions {
  const text = (name: string, preset: string): string => String(values.get(name) ?? preset);
  return {
    address: addressesOf(port, values),
    socketMode: checked('web.socket-mode', text('web.socket-mode', '660'), (mode) => {
      if (/^0?[0-7]{3}$/.test(mode)) return Number.parseInt(mode, 8);
      throw new Error(`${JSON.stringify(mode)} are no permissions; write them in octal, such as 660.`);
    }),
    maxConnections: checked('web.max-connections', text('web.max-connections', '1000'), (number) => {
      if (/^[1-9]\d{0,8}$/.test(number)) return Number(number);
      throw new Error(`${JSON.stringify(number)} is not a number of connections; write 1 or more.`);
    }),
    webFile: text('web.config.file', ''),
    path: checked('web.telemetry-path', text('web.telemetry-path', '/metrics'), (path) => {
      if (/^\/[A-Za-z0-9_./-]+$/.test(path) && !path.startsWith('/-/')) return path;
      throw new Error(`${JSON.stringify(path)} can't be served; write a path such as /metrics.`);
    }),
    maxRequests: checked('web.max-requests', text('web.max-requests', '40'), (number) => {
      if (/^\d{1,9}$/.test(number)) return Number(number);
      throw new Error(`${JSON.stringify(number)} is not a number of requests; write 0 or more.`);
    }),
    offsetMs: checked('scrape.timeout-offset', text('scrape.timeout-offset', '500ms'), parseDuration),
    policy: checked('scrape.policy', text('scrape.policy', 'partial'), (policy) => {
      if (policy === 'partial' || policy === 'strict') return policy;
      throw new Error(`${JSON.stringify(policy)} is unknown; write partial or strict.`);
    }),
  };
}

function addressesOf(port: number, values: FlagValues): readonly string[] {
  if (values.get('web.systemd-socket') === true) {
    return checked('web.systemd-socket', 'true', () => systemdSockets(process.env, process.pid));
  }
  const said = [values.get('web.listen-address') ?? []].flat().map(String);
  const addresses = said.length === 0 ? [`:${port}`] : said;
  for (const one of addresses) checked('web.listen-address', one, parseAddress);
  return addresses;
}

/** Reads what a flag says. @throws FlagError naming it. */
export function checked<T>(flag: string, text: string, read: (text: string) => T): T {
  try {
    return read(text);
  } catch (cause) {
    throw new FlagError(flag, messageOf(cause), { cause });
  }
}
