import { Buffer } from 'node:buffer';
import type { LazyFamily } from '../collect/families.ts';
import { escapeQuoted, writtenLabel, writtenName } from '../metric/escape.ts';
import { textHead } from './encode.ts';
import { NUMBER_BYTES, writeNumber } from './number.ts';
import { withoutGaugeHistograms } from './samples.ts';

function* textFamilies(families: Iterable<LazyFamily>): Generator<LazyFamily, void, void> {
  for (const family of families) yield* withoutGaugeHistograms(family);
}

/** Families as text 0.0.4, in UTF-8. Each sample gets `labels` first; they replace labels of the same name. */
export function familiesText(
  families: Iterable<LazyFamily>,
  labels: { readonly [label: string]: string } = {},
): Uint8Array {
  const added = Object.entries(labels)
    .map(([name, value]) => `${writtenLabel(name)}="${escapeQuoted(value)}"`)
    .join(',');
  const taken = new Set(Object.keys(labels));
  // The text before a label's value, by label: there are few names.
  const openings = new Map<string, string>();
  const openingOf = (label: string): string => {
    const known = openings.get(label);
    if (known !== undefined) return known;
    const opening = taken.has(label) ? '' : `${writtenLabel(label)}="`;
    openings.set(label, opening);
    return opening;
  };
  let bytes = Buffer.allocUnsafe(16_384);
  let at = 0;
  const write = (text: string): void => {
    const size = at + 3 * text.length + NUMBER_BYTES + 1;
    if (size > bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(size, 2 * bytes.length));
      bytes.copy(grown, 0, 0, at);
      bytes = grown;
    }
    at += bytes.write(text, at);
  };
  for (const { name: family, kind, help, samples } of textFamilies(families)) {
    write(textHead(family, kind, help));
    for (const { name, labels: own, value } of samples) {
      const written = writtenName(name);
      let pairs = written === name ? added : [written, added].filter(Boolean).join(',');
      for (const label in own) {
        const opening = openingOf(label);
        if (opening !== '') pairs += `${pairs === '' ? '' : ','}${opening}${escapeQuoted(own[label]!)}"`;
      }
      const outside = written === name ? name : '';
      write(pairs === '' ? `${outside} ` : `${outside}{${pairs}} `);
      at = writeNumber(bytes, at, value);
      bytes[at++] = 0x0a;
    }
  }
  return bytes.subarray(0, at);
}
