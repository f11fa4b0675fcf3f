import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { collector, denied, gauge, source } from 'exporter-kit';
import { secret, z } from 'exporter-kit/config';

/** A server that answers each line with one: `AUTH secret`, then `GET name`. */
export const echo = source({
  name: 'echo',
  up: gauge({ name: 'echo_up', help: 'Whether the server answered.' }),
  label: 'server',
  config: z.object({
    port: z.int().describe('Of the server.'),
    password: secret().optional().describe('For the server.'),
  }),
  async open({ config, resolve, signal }) {
    const { lookup } = await resolve({ host: 'localhost', port: config.port, scheme: 'echo' });
    const socket = connect({ host: 'localhost', port: config.port, lookup, signal });
    const reader = createInterface(socket);
    socket.once('close', () => reader.close());
    const lines = reader[Symbol.asyncIterator]();
    await new Promise((done, failed) => socket.once('connect', done).once('error', failed));
    socket.on('error', () => {});
    const ask = async (line) => {
      socket.write(`${line}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('the server has closed the connection');
      return value;
    };
    if ((await ask(`AUTH ${config.password ?? 'nobody'}`)) !== 'OK') {
      socket.destroy();
      denied('wrong password');
    }
    return { ask, close: () => new Promise((closed) => socket.once('close', closed).end()) };
  },
  read: ({ client }) => client.ask('GET size'),
  close: (client) => client.close(),
});

export const size = collector({
  name: 'size',
  source: echo,
  metrics: { size: gauge({ name: 'echo_size', help: 'Its size.' }) },
  collect: ({ size }, { reading }) => size.set(Number(reading)),
});

export const words = collector({
  name: 'words',
  source: echo,
  metrics: { words: gauge({ name: 'echo_words', help: 'Its words.' }) },
  config: z.object({ kind: z.string().default('all').describe('Which words.') }),
  collect: async ({ words }, { client, config }) => words.set(Number(await client.ask(`GET ${config.kind}`))),
});
