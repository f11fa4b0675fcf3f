import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { documents, root } from './documents.ts';
import { exec, runSnippet } from './run.ts';

/** Of the programs that pages talk about beside ours. */
const foreign = [
  ...['--enable-feature', '--web.enable-remote-write-receiver', '--web.enable-otlp-receiver'], // Prometheus
  ...['--read-only', '--cap-drop'], // docker
  ...['--script'], // redis_exporter
  ...['--save-dev', '--os', '--cpu', '--libc', '--now', '--data-binary'], // npm, systemctl, curl
  ...['--enable-source-maps', '--max-old-space-size'], // node
];

/** Stand for several flags, are those of an example, or are not in the help. */
const others = [
  ...['--web', '--collector', '--collector.x', '--no-collector.x', '--collector.limits.file'],
  ...['--help.markdown', '--serve'],
  ...['--path.procfs', '--path.sysfs', '--path.rootfs', '--path.udev.data'], // apps/host-exporter
];

let known: ReadonlySet<string>;

const node = async (...args: string[]): Promise<string> => (await exec(process.execPath, args)).stdout;
const flagsIn = (text: string): string[] =>
  [...text.matchAll(/(?<![\w-])--(\[no-\])?([a-z][a-z_.-]*[a-z])/g)].flatMap(([, no, name]) =>
    no ? [`--${name}`, `--no-${name}`] : [`--${name}`],
  );

beforeAll(async () => {
  const generator = join(root, 'packages/create-exporter/dist/bin.js');
  const commands = [[], ['add'], ['upgrade'], ['list'], ['doctor'], ['rename'], ['remove'], ['migrate']];
  const snippets = [
    ...[
      ['readme', 'spool-exporter.js'] as const,
      ['collector-host', 'main.js'] as const,
      ['database-exporter', 'main.js'] as const,
    ],
    ...[['share', 'main.js'] as const, ['job', 'main.js'] as const, ['from-go', 'main.js'] as const],
  ];
  const helps = await Promise.all([
    node(join(root, 'packages/exporter-kit/dist/exporter-push.js'), '--help'),
    ...commands.map((command) => node(generator, ...command, '--help')),
    ...snippets.map(async ([document, file]) => (await runSnippet(document, file, ['--help'])).stdout),
    ...snippets
      .slice(0, 1)
      .map(async ([document, file]) => (await runSnippet(document, file, ['views', '--help'])).stdout),
  ]);
  known = new Set([...helps.flatMap(flagsIn), ...foreign, ...others]);
});

it.each([...documents])('%s names flags that exist', (_, path) => {
  const text = readFileSync(join(root, path), 'utf8');
  // Commands, and what prose has in code.
  const code = [...text.matchAll(/^```sh\n(.*?)^```$|`([^`\n]+)`/gms)].map(([, block, inline]) => block ?? inline!);
  const named = new Set(code.flatMap(flagsIn));
  expect([...named].filter((flag) => !known.has(flag))).toEqual([]);
});
