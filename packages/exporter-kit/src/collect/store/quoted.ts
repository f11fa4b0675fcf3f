import { isLegacyLabel, isLegacyName } from '../../metric/escape.ts';

/** Inside quotes, text 0.0.4, 1.0.0 and OpenMetrics all escape backslash, quote and line feed, and nothing else. */
export function escapeQuoted(text: string): string {
  return /["\\\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
}

/** A metric's name as TYPE, HELP and UNIT lines have it: in quotes, unless it is a legacy one. */
export function writtenName(name: string): string {
  return isLegacyName(name) ? name : `"${escapeQuoted(name)}"`;
}

/** A label's name as sample lines have it. */
export function writtenLabel(name: string): string {
  return isLegacyLabel(name) ? name : `"${escapeQuoted(name)}"`;
}
