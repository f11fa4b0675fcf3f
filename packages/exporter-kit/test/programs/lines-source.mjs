import { once } from 'node:events';
import { connect } from 'node:net';
import { collector, gauge, source } from 'exporter-kit';
import { secret, z } from 'exporter-kit/config';

async function ask(socket, line, signal) {
  socket.write(`${line}\n`);
  const [data] = await once(socket, 'data', { signal });
  return data.toString().trim();
}

/** Reads servers that answer lines, fixed ones and those that /probe names. */
export const lines = source({
  name: 'lines',
  up: gauge({ name: 'lines_up', help: 'Whether the server answered.' }),
  label: 'server',
  config: z.object({
    addr: z.string().regex(/^[^ ]+$/, 'must not have spaces'),
    password: secret().optional(),
    size: z.int().optional(),
  }),
  target: 'addr',
  async open({ config, resolve, signal }) {
    const [, host = '', port] = /^(?:\w+:\/\/)?(.*?):(\d+)/.exec(config.addr) ?? [];
    const { lookup } = await resolve({ host, port: Number(port), scheme: 'lines' });
    const socket = connect({ host, port: Number(port), lookup, signal });
    socket.on('error', () => {});
    await once(socket, 'connect');
    if (config.password !== undefined) await ask(socket, `AUTH ${config.password}`, signal);
    return socket;
  },
  read: ({ client, signal }) => ask(client, 'PING', signal),
  close: (socket) => void socket.destroy(),
});

export const answer = collector({
  name: 'answer',
  source: lines,
  metrics: { length: gauge({ name: 'lines_answer_bytes', help: 'Length of the answer.', unit: 'bytes' }) },
  collect: ({ length }, { reading }) => length.set(reading.length),
});
