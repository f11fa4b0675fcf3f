import { once } from 'node:events';
import { connect } from 'node:net';
import { again, type Load } from './load.ts';

const BOUND_MS = 20_000;
const DRIP_MS = 500;

const openings: readonly { readonly beginning: string; readonly drop: string }[] = [
  { beginning: '', drop: '' },
  { beginning: 'GET /metrics HTTP/1.1\r\nHost: x\r\n', drop: 'X: y\r\n' },
  { beginning: 'POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n', drop: 'x' },
];

/** Connections that send nothing, or a byte at a time; each must be closed within 20 seconds. */
export const slowloris: Load = async (field) => {
  const one = (index: number): Promise<void> =>
    again(field, 'slowloris', 200, async (round) => {
      const { beginning, drop } = openings[(index + round) % openings.length]!;
      const { hostname, port } = new URL(field.url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.resume();
      const leave = (): void => void socket.destroy();
      field.signal.addEventListener('abort', leave);
      const started = performance.now();
      socket.write(beginning);
      const drips = setInterval(() => socket.write(drop), DRIP_MS);
      await once(socket, 'close');
      clearInterval(drips);
      field.signal.removeEventListener('abort', leave);
      if (field.signal.aborted) return;
      const took = performance.now() - started;
      if (took < BOUND_MS) field.tally.count('slow sender: shut');
      else field.tally.unexpected('slow sender', `shut after ${Math.round(took)} ms`);
    });
  await Promise.all(Array.from({ length: 20 }, (_, index) => one(index)));
};
