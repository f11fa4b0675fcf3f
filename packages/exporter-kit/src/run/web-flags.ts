import { messageOf } from '../collect/runner.ts';
import { parseDuration } from '../config/duration.ts';
import { parseAddress } from '../serve/address.ts';
import type { ServeOptions } from '../serve/serve.ts';
import type { Flag, FlagValues } from './flags.ts';
import { FlagError } from './usage-error.ts';

/** Flags of every exporter that listens, named as exporter-toolkit and node_exporter name them. */
export function webFlags(port: number): Flag[] {
  return [
    {
      name: 'web.listen-address',
      type: 'text',
      value: 'HOST:PORT',
      help: 'Where to listen; without a host, on all interfaces.',
      preset: `:${port}`,
      startOnly: true,
    },
    { name: 'web.telemetry-path', type: 'text', value: 'PATH', help: 'Where the metrics are.', preset: '/metrics' },
    {
      name: 'web.max-requests',
      type: 'text',
      value: 'NUMBER',
      help: 'The most scrapes that collect at the same time; 0 for no limit.',
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

/**
 * Reads them.
 *
 * @throws FlagError naming the flag that makes no sense.
 */
export function webOptions(
  port: number,
  values: FlagValues,
): Required<Pick<ServeOptions, 'address' | 'path' | 'maxRequests' | 'offsetMs' | 'policy'>> {
  const text = (name: string, preset: string): string => String(values.get(name) ?? preset);
  return {
    address: checked('web.listen-address', text('web.listen-address', `:${port}`), (address) => {
      parseAddress(address);
      return address;
    }),
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

/** Reads what a flag says. @throws FlagError naming it. */
export function checked<T>(flag: string, text: string, read: (text: string) => T): T {
  try {
    return read(text);
  } catch (cause) {
    throw new FlagError(flag, messageOf(cause), { cause });
  }
}
