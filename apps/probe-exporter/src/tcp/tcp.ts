import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { gauge, type Probe, probe } from 'exporter-kit';
import { addressMetrics, chooseAddress } from '../net/address.ts';
import { tlsMetrics, writeTls } from '../net/certificates.ts';
import { dial } from '../net/dial.ts';
import { readHostPort } from '../net/host-port.ts';
import { startTls } from '../net/tls.ts';
import { tcpConfig } from './config.ts';
import { type Dialogue, hold } from './dialogue.ts';

/** Connects, optionally over TLS, and runs the module's dialogue. */
export const tcp: Probe = probe({
  name: 'tcp',
  config: tcpConfig,
  families: 'dynamic',
  metrics: {
    ...addressMetrics,
    ...tlsMetrics,
    regex: gauge({
      name: 'probe_failed_due_to_regex',
      help: 'Whether the probe failed because of a regular expression.',
    }),
    bytes: gauge({ name: 'probe_failed_due_to_bytes', help: 'Whether the probe failed because of unexpected bytes.' }),
  },
  async probe(write, { target, config, resolve, signal, log }) {
    const { tls, tls_config, query_response: steps } = config;
    const dialogue: Partial<Dialogue> = {};
    let connected = false;
    try {
      const { host, port } = readHostPort(target, 'tcp');
      const address = await chooseAddress(write, resolve, { host, port, scheme: tls ? 'tls' : 'tcp' }, config);
      const secured = (socket: Socket): Promise<Socket> => startTls(socket, host, tls_config, signal);
      const socket = await dial(address, port, signal, config.source_ip_address);
      dialogue.socket = socket;
      log.debug({ address: address.address, port }, 'connected');
      if (tls) dialogue.socket = await secured(socket);
      connected = true;
      await hold(dialogue as Dialogue, steps, {
        signal,
        log,
        startTls: secured,
        addLabels(labels) {
          const names = { labels: Object.keys(labels), waive: "blackbox_exporter's name and type" };
          const info = gauge({
            name: 'probe_expect_info',
            help: 'Labels that the module takes from what the target sent.',
            ...names,
          });
          write.family(info).set(labels, 1);
        },
      });
    } finally {
      // Not set without a connection, as in blackbox_exporter.
      if (connected) {
        write.regex.set(dialogue.failed === 'regex' ? 1 : 0);
        write.bytes.set(dialogue.failed === 'bytes' ? 1 : 0);
      }
      if (dialogue.socket instanceof TLSSocket) writeTls(write, dialogue.socket, !tls_config.insecure_skip_verify);
      dialogue.socket?.destroy();
    }
  },
});
