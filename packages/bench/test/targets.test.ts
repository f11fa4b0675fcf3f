import { connect } from 'node:net';
import { needPeers, startRedis } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { entrantsOf } from '../src/measure/entrants.ts';
import { startRecorded } from '../src/measure/recorded-redis.ts';
import { sweeps } from '../src/rows/targets.ts';

/** Sends the texts one after the other, and reads until the server closes the connection. */
async function talk(url: string, ...texts: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  for (const text of texts) await new Promise((resolve) => void socket.write(text, resolve));
  let answer = '';
  for await (const chunk of socket) {
    answer += chunk;
    if (answer.endsWith('$3\r\nend\r\n')) break;
  }
  return answer;
}

const END = '*2\r\n$4\r\nECHO\r\n$3\r\nend\r\n';

describe.skipIf(!needPeers('redis-server'))('recorded servers', () => {
  it('answer as the real one has answered once, each command in its turn', async () => {
    const real = await startRedis();
    const recorded = await startRecorded(real.port, 2);
    onTestFinished(async () => {
      await recorded.stop();
      await real.stop();
    });
    const incr = '*2\r\n$4\r\nINCR\r\n$1\r\na\r\n';
    const [first, second] = recorded.urls as [string, string];
    expect(await talk(first, incr + incr.slice(0, 9), incr.slice(9) + END)).toBe(':1\r\n:1\r\n$3\r\nend\r\n');
    expect(await talk(second, `*1\r\n$4\r\nNONE\r\n${incr}${END}`)).toMatch(
      /^-ERR unknown command[\s\S]*:1\r\n\$3\r\nend\r\n$/,
    );
    expect(await real.ask('GET', 'a')).toBe('1');
  });

  it('are scraped by two processes of the kit, each with its shard, none lost, and by its peer', async () => {
    const { entrants } = entrantsOf(['kit', 'redis_exporter'], { kit: 'redis-exporter' });
    const measured = await sweeps(2)(entrants, { n: 12, rounds: 1 });
    expect([...measured.keys()]).toEqual(entrants.map(({ name }) => name));
    for (const figures of measured.values()) {
      expect(figures).toEqual({
        wallMs: [expect.any(Number)],
        msPerTarget: [expect.any(Number)],
        rssMb: [expect.any(Number)],
      });
    }
  });
});
