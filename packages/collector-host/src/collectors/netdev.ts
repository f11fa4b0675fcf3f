import { join } from 'node:path';
import { type Collector, collector, counter } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import { pauseAfter } from '../kernel-file.ts';
import type { Paths } from '../paths.ts';
import { side } from '../side.ts';
import { amount, below, malformed, type Row, readRows, text } from '../source.ts';

/** node_exporter leaves out nothing by default. */
const ignored = '^$';

/** The columns of `/proc/net/dev`, as node_exporter names them. */
const columns = [
  ['receive_bytes', 'Bytes received.'],
  ['receive_packets', 'Packets received.'],
  ['receive_errs', 'Packets received with errors.'],
  ['receive_drop', 'Packets received and dropped because no buffer was free, or missed by the device.'],
  ['receive_fifo', 'Overruns of the receive queue.'],
  ['receive_frame', 'Packets received with a wrong length, checksum or alignment.'],
  ['receive_compressed', 'Compressed packets received.'],
  ['receive_multicast', 'Multicast packets received.'],
  ['transmit_bytes', 'Bytes sent.'],
  ['transmit_packets', 'Packets sent.'],
  ['transmit_errs', 'Packets that could not be sent.'],
  ['transmit_drop', 'Packets dropped before they were sent.'],
  ['transmit_fifo', 'Overruns of the transmit queue.'],
  ['transmit_colls', 'Collisions while sending.'],
  ['transmit_carrier', 'Packets lost because of a carrier failure, or aborted.'],
  ['transmit_compressed', 'Compressed packets sent.'],
] as const;

type Column = (typeof columns)[number][0] | 'receive_nohandler';
type PerDevice = ReturnType<typeof perDevice>;

function perDevice(column: Column, help: string) {
  return counter({ name: `node_network_${column}_total`, help, labels: ['device'] });
}

const metrics = Object.fromEntries([
  ...columns.map(([column, help]) => [column, perDevice(column, help)]),
  ['receive_nohandler', perDevice('receive_nohandler', 'Packets received for which there was no protocol handler.')],
]) as { readonly [C in Column]: PerDevice };

/**
 * Traffic of network devices, from `/proc/net/dev`. Packets without a protocol handler are not in there; that count comes from sysfs.
 * (node_exporter asks the kernel over netlink, and adds up the details of errors as `/proc/net/dev` does.)
 */
export function netdev({ procfs = '/proc', sysfs = '/sys' }: Paths = {}): Collector {
  const beside = side('netdev');
  return collector({
    name: 'netdev',
    metrics: { ...metrics, skipped: beside.skipped },
    config: z.object({ deviceExclude: regexp(ignored).describe('Network devices to exclude.') }),
    async collect({ skipped, ...writers }, context) {
      const run = beside.begin(context);
      // Two lines of headings come first.
      const lines = readRows(procfs, 'net/dev').slice(2);
      const found = run.lines('net/dev', lines, (row) => {
        const { name, counts } = traffic(row);
        const device = text(name);
        if (context.config.deviceExclude.test(device)) return undefined;
        const values = columns.map((_, i) => amount(counts, i));
        return { key: device, name, values };
      });
      for (const [index, { key: device, name, values }] of found.entries()) {
        await pauseAfter(index);
        columns.forEach(([column], i) => {
          writers[column].set({ device }, values[i]!);
        });
        const statistics = below(join(sysfs, 'class/net'), `${name}/statistics/rx_nohandler`);
        const unwanted = run.number('rx_nohandler', statistics);
        if (unwanted !== undefined) writers.receive_nohandler.set({ device }, unwanted);
      }
      run.end(skipped);
    },
  });
}

/** Splits `eth0:123 4 …`; the colon may stick to the first number. */
function traffic(row: Row): { name: string; counts: Row } {
  const match = /^([^ ]+): ?(.*)$/.exec(row.fields.join(' '));
  const fields = match?.[2]?.split(' ') ?? [];
  if (match === null || fields.length !== columns.length)
    throw malformed(row, `a device and ${columns.length} numbers`);
  return { name: match[1]!, counts: { fields, at: row.at } };
}
