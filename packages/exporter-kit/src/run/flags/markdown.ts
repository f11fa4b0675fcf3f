import { type Flag, variableOf } from './flags.ts';

/** The flags as a Markdown table, for a README: each with its environment variable, its meaning and its preset. */
export function markdownTable(program: string, flags: readonly Flag[]): string {
  const rows = flags
    .filter(({ hidden }) => !hidden)
    .map((flag) => {
      const dashes = flag.negatable ? `--[no-]${flag.name}` : `--${flag.name}`;
      const variable = flag.commandLineOnly ? '' : `\`${variableOf(program, flag.name)}\``;
      return `| \`${dashes}\` | ${variable} | ${cell(flag.help)} | ${flag.preset === undefined ? '' : `\`${cell(flag.preset)}\``} |`;
    });
  return `${['| flag | environment | meaning | default |', '|---|---|---|---|', ...rows].join('\n')}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
