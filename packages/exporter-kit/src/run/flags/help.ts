import { type Flag, variableOf } from './flags.ts';

/** The text of `--help`: every flag with its meaning, its preset and its environment variable. */
export function helpText(program: string, about: string, flags: readonly Flag[]): string {
  const lines = [`usage: ${program} [flags]`, '', about, '', 'Flags (each is also an environment variable):'];
  for (const flag of flags.filter(({ hidden }) => !hidden)) {
    const dashes = flag.negatable ? `--[no-]${flag.name}` : `--${flag.name}`;
    const preset = flag.preset === undefined ? '' : ` (default: ${flag.preset})`;
    const again = flag.type === 'list' || flag.type === 'numbers' ? ' May be given several times.' : '';
    lines.push(`  ${dashes}${flag.type === 'switch' ? '' : `=${flag.value ?? 'VALUE'}`}`);
    lines.push(`      ${flag.help}${again}${preset}`);
    if (!flag.commandLineOnly) lines.push(`      $${variableOf(program, flag.name)}`);
  }
  return `${lines.join('\n')}\n`;
}
