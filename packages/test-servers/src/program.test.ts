import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { runProgram, startProgram } from './program.ts';

const serving = `
process.on('SIGTERM', () => { console.error('bye'); process.exit(7); });
console.log('listening on 4711'); setInterval(() => {}, 1000);`;

it('waits for the line, stops with SIGTERM, returns code and output', async () => {
  const program = await startProgram(['-e', serving], { until: /listening on (\d+)/ });
  expect(program.match[1]).toBe('4711');
  expect(await program.stop()).toEqual({ code: 7, signal: null, stdout: 'listening on 4711\n', stderr: 'bye\n' });
  expect((await program.stop()).code).toBe(7);
});

it('reports the output of a program that exits too early', async () => {
  await expect(startProgram(['-e', 'console.error("no disk"); process.exit(3)'], { until: /ready/ })).rejects.toThrow(
    /ended \(3\) before \/ready\/:\nno disk/,
  );
});

it('can return without waiting', async () => {
  const program = await startProgram(['-e', 'setInterval(() => {}, 1000)'], { until: /^/ });
  expect(await program.stop()).toMatchObject({ code: null, signal: 'SIGTERM' });
});

it('kills a program that never prints the line', async () => {
  const silent = startProgram(['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], {
    until: /ready/,
    // Long enough for a busy machine to start it.
    timeoutMs: 5000,
  });
  const error = (await silent.catch((e) => e)) as Error;
  expect(error.message).toMatch(/no \/ready\/ within 5000 ms/);
  const pid = Number(error.message.match(/^(\d+)$/m)?.[1]);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it('names a command that does not exist', async () => {
  await expect(runProgram([], { command: '/nowhere/prog' })).rejects.toThrow('/nowhere/prog did not start');
});

it('runs to the end, with its own environment', async () => {
  const end = await runProgram(['-e', 'process.stdout.write(process.env.COLOUR + process.env.HOME)'], {
    env: { COLOUR: 'blue', HOME: undefined },
  });
  expect(end).toEqual({ code: 0, signal: null, stdout: 'blueundefined', stderr: '' });
});

it('kills a program that does not end', async () => {
  await expect(runProgram(['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 })).rejects.toThrow(
    /did not end within 200 ms/,
  );
});

it('does not wait for a child process that keeps the output open', async () => {
  const shell = runProgram(['-c', 'sleep 60 & wait'], { command: 'sh', timeoutMs: 200 });
  const before = performance.now();
  await expect(shell).rejects.toThrow(/did not end within 200 ms/);
  expect(performance.now() - before).toBeLessThan(50_000);
});

it('kills forgotten programs when the test process is killed', async () => {
  const worker = await startProgram(['--input-type=module', '-e', forgetful], { until: /port (\d+)/ });
  const port = worker.match[1] as string;
  expect(await refused(port)).toBe(false);
  await worker.stop('SIGKILL');
  await expect.poll(() => refused(port)).toBe(true);
});

// The built file, because the oldest Node does not run TypeScript.
const built = JSON.stringify(new URL('../dist/program.js', import.meta.url).href);
const listening = `require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;
const forgetful = `
  const { startProgram } = await import(${built});
  const left = await startProgram(['-e', ${JSON.stringify(listening)}], { until: /\\d+/ });
  console.log('port', left.match[0]);`;

function refused(port: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => resolve(false)).on('error', () => resolve(true));
    socket.unref();
  });
}
