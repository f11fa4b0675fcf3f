import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startPushgateway } from 'test-servers';
import type { Program } from '../../measure/programs.ts';
import { Tally } from '../../measure/rounds.ts';
import type { Measure } from '../row.ts';

/** From the start of a process that pushes `n` lines from its standard input to its end. */
export const onePush: Measure = async (entrants, { n, rounds }) => {
  const tally = new Tally();
  const lines = Array.from({ length: n }, (_, i) => `bench_pushed{line="${i}"} ${i}\n`).join('');
  const gateway = await startPushgateway();
  try {
    for (let round = -1; round < rounds; round++) {
      for (const { name, program } of entrants) {
        const flags = name === 'kit' ? ['--job=bench', `--gateway=${gateway.url}`] : [];
        const startMs = await lifeOf(program, flags, lines);
        // The first round loads the files from disk.
        if (round >= 0) tally.add(name, { startMs });
      }
    }
    const pushed = [...(await (await fetch(`${gateway.url}/metrics`)).text()).matchAll(/^bench_pushed\{/gm)].length;
    if (pushed !== n) throw new Error(`the gateway has ${pushed} of ${n} lines`);
    return tally.measured();
  } finally {
    await gateway.stop();
  }
};

async function lifeOf({ command, args }: Program, flags: readonly string[], input: string): Promise<number> {
  const from = performance.now();
  const child = spawn(command, [...args, ...flags], { stdio: ['pipe', 'inherit', 'inherit'] });
  // One that does not read it may be gone before it is written.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`);
  return performance.now() - from;
}
