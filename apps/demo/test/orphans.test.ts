import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const demo = at('../dist/main.js');
const mark = 'DEMO_ORPHANS_TEST';

let folder = '';
beforeAll(async () => {
  // The repository's own scripts, without the build.
  const { scripts } = JSON.parse(await readFile(at('../../../package.json'), 'utf8'));
  const built = scripts.demo.replace(/^.*&& /, '').replace('apps/demo/dist/main.js', demo);
  folder = await mkdtemp(join(tmpdir(), 'demo-'));
  // Without `packageManager`: outside of the repository, pnpm would ask the registry for it at each start.
  const manifest = { private: true, scripts: { start: scripts.start, demo: built } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
});
afterAll(() => rm(folder, { recursive: true }));

/** The processes that have a word in their environment, and so everything that was started from one: pid and command. */
function marked(word: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${mark}=${word}\0`)) continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (command !== '') found.set(Number(pid), command);
    } catch {
      // It has ended, or is another user's.
    }
  }
  return found;
}

const exporters = (word: string): number[] =>
  [...marked(word)].filter(([, command]) => command.includes('--web.listen-address')).map(([pid]) => pid);

/** Starts a command at a terminal of its own, and waits until both exporters are served to it. */
async function atTerminal(command: string) {
  const word = `${process.pid}-${Math.random()}`;
  // `script` gives the terminal; where it ends, the terminal is closed.
  const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, [mark]: word, PNPM_CONFIG_VERIFY_DEPS_BEFORE_RUN: 'false' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  terminal.stdout.setEncoding('utf8').on('data', (part: string) => {
    output += part;
  });
  const ended = once(terminal, 'exit');
  onTestFinished(() => {
    for (const pid of marked(word).keys()) tryKill(pid);
  });
  await until(
    'the demo',
    async () => {
      if (/Ctrl-C ends this/.test(output)) return true;
      throw new Error(output);
    },
    120_000,
  );
  const found = exporters(word);
  expect(found.length).toBe(2);
  for (const pid of found) expect(readlinkSync(`/proc/${pid}/exe`)).toBe(process.execPath);
  const pidOf = (words: string): number => {
    const pid = [...marked(word)].find(([, line]) => line.includes(words))?.[0];
    if (pid === undefined) throw new Error(`no process with ${words}: ${[...marked(word).values()].join('\n')}`);
    return pid;
  };
  const over = (): Promise<boolean> =>
    until(
      'an end of all',
      async () => {
        const left = [...marked(word).values()];
        if (left.length === 0) return true;
        throw new Error(left.join('\n'));
      },
      60_000,
    );
  return { terminal, ended, pidOf, over };
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

describe.runIf(process.platform === 'linux' && spawnSync('script', ['--version']).status === 0)(
  'nothing is left behind',
  () => {
    it('when the terminal is closed', async () => {
      const { terminal, over } = await atTerminal(`${process.execPath} ${demo}`);
      terminal.kill('SIGKILL');
      await over();
    });

    it('when the demo is killed', async () => {
      const { pidOf, over } = await atTerminal(`${process.execPath} ${demo}`);
      process.kill(pidOf('demo/dist/main.js'), 'SIGKILL');
      await over();
    });

    it.each(['npm start', 'sh -c'])('when what started it is killed: %s', async (words) => {
      const { pidOf, over } = await atTerminal('npm start');
      process.kill(pidOf(words), 'SIGKILL');
      await over();
    });

    it('when Ctrl-C is pressed', async () => {
      const { terminal, over, ended } = await atTerminal('npm start');
      terminal.stdin.write('\x03');
      await over();
      expect(await ended).toEqual([expect.any(Number), null]);
    });
  },
);
