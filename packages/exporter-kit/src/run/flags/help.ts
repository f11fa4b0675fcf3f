import type { Flag } from './flag.ts';
import { variableOf } from './read-flags.ts';

/** The text of `--help`: every flag with its meaning, its default and its environment variable. */
export function helpText(program: string, about: string, flags: readonly Flag[]): string {
  const lines = [
    `usage: ${program} [flags]`,
    `       ${program} views DIRECTORY [flags]`,
    '',
    about,
    '',
    'Flags (each is also an environment variable):',
  ];
  for (const flag of flags.filter(({ hidden }) => !hidden)) {
    const dashes = flag.negatable ? `--[no-]${flag.name}` : `--${flag.name}`;
    const preset = flag.defaultText === undefined ? '' : ` (default: ${flag.defaultText})`;
    const again = flag.type === 'list' || flag.type === 'numbers' ? ' May be given several times.' : '';
    lines.push(`  ${dashes}${flag.type === 'switch' ? '' : `=${flag.value ?? 'VALUE'}`}`);
    lines.push(`      ${flag.help}${again}${preset}`);
    if (!flag.commandLineOnly) lines.push(`      $${variableOf(program, flag.name)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The flags as a Markdown table, for a README: each with its environment variable, its meaning and its default. */
export function markdownTable(program: string, flags: readonly Flag[]): string {
  const rows = flags
    .filter(({ hidden }) => !hidden)
    .map((flag) => {
      const dashes = flag.negatable ? `--[no-]${flag.name}` : `--${flag.name}`;
      const variable = flag.commandLineOnly ? '' : `\`${variableOf(program, flag.name)}\``;
      return `| \`${dashes}\` | ${variable} | ${cell(flag.help)} | ${flag.defaultText === undefined ? '' : `\`${cell(flag.defaultText)}\``} |`;
    });
  return `${['| flag | environment | meaning | default |', '|---|---|---|---|', ...rows].join('\n')}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
