import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

// What Windows' shell would get: it looks at the platform when it is loaded, and cmd.exe is a script that prints its arguments.

const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
const root = await mkdtemp(join(tmpdir(), 'first last-'));
const shell = join(root, 'cmd');
await writeFile(
  shell,
  '#!/bin/sh\nfor each; do printf "%s\\n" "$each"; done\n# As cmd.exe ends if there is no such program.\ncase "$*" in *yarn*) exit 1;; esac\n',
);
await chmod(shell, 0o755);
const bin = join(root, 'node_modules/.bin');
await mkdir(bin, { recursive: true });
await writeFile(join(bin, 'biome.cmd'), '@echo off\r\n');
await writeFile(join(root, 'npm.cmd'), '@echo off\r\n');
Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
const before = { comspec: process.env.comspec, PATH: process.env.PATH, PATHEXT: process.env.PATHEXT };
Object.assign(process.env, { comspec: shell, PATH: root, PATHEXT: '.EXE;.CMD' });
const { runTool } = await import('./install.ts');

afterAll(async () => {
  Object.defineProperty(process, 'platform', platform);
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await rm(root, { recursive: true, force: true });
});

/** What cmd.exe makes of a line: carets quote a character, and outside of them nothing may be left that means something. */
function unquoted(line: string): string {
  expect(line.replaceAll(/\^./gs, '')).not.toMatch(/[ &|<>()%!"]/);
  return line.replaceAll(/\^(.)/gs, '$1');
}

it.each([
  ['a script in a folder with a blank', () => join(bin, 'biome.cmd'), ['check', '.']],
  ['a program by its name', () => 'npm', ['run', 'build']],
  [
    'a path with a blank, and characters of the shell',
    () => 'npm',
    ['check', 'C:\\First Last\\a&b', '100%PATH%', 'say "x"'],
  ],
])('quotes %s', async (_, command, args) => {
  const { code, said } = await runTool(command(), args, root);
  expect(code).toBe(0);
  const [d, s, c, line] = said.trimEnd().split('\n');
  expect([d, s, c]).toEqual(['/d', '/s', '/c']);
  // Around all of it is one more pair, which /s takes away.
  const [, inner] = /^"(.*)"$/.exec(line!)!;
  // A script's arguments pass a shell twice.
  const [program, ...words] = inner!.split(/(?<!\^) /);
  expect(unquoted(program!)).toMatch(command() === 'npm' ? /npm(\.cmd)?$/i : /first last.*biome\.cmd$/);
  expect(words).toHaveLength(args.length);
});

it('says that a program is not there', async () => {
  expect(await runTool('yarn', ['--version'], root)).toMatchObject({ code: 127 });
});
