import type { Sample } from '../../collect/families.ts';
import { ProtobufWriter } from '../../encode/protobuf-writer.ts';

// Fields of the messages. Source: the specification's protobuf schema.
const SERIES = 1;
const LABEL = 1;
const SAMPLE = 2;
const NAME = 1;
const VALUE = 2;
const NUMBER = 1;
const TIME = 2;

/** One label of a series, and its encoding for the last value. */
interface Slot {
  readonly name: string;
  /** The value, for a label of the group. */
  readonly fixed: string | undefined;
  last: string;
  bytes: Uint8Array | undefined;
}

/** Label names of a sample, in its order, and the labels of its series, sorted as the specification asks. */
interface Layout {
  readonly names: readonly string[];
  readonly slots: readonly Slot[];
}

// Families that were read from elsewhere may have many.
const MOST_LAYOUTS = 16;

/**
 * Writes samples as series with `group` among their labels. Series of one family have the same label names and many of the
 * same values: those are sorted and encoded once.
 */
export function seriesWriter(
  to: ProtobufWriter,
  group: { readonly [label: string]: string },
  timeMs: number,
): (sample: Sample) => void {
  const fixed = new Map(Object.entries(group));
  const time = new ProtobufWriter();
  time.integer(TIME, timeMs);
  const encodedTime = time.take();
  let layouts: Layout[] = [];
  let layout: Layout = { names: [''], slots: [] };

  function layoutOf(labels: Sample['labels']): Layout {
    if (hasNames(labels, layout.names)) return layout;
    const known = layouts.find(({ names }) => hasNames(labels, names));
    if (known !== undefined) return known;
    const names = Object.keys(labels);
    const slots = ['__name__', ...fixed.keys(), ...names]
      .sort()
      .map((name): Slot => ({ name, fixed: fixed.get(name), last: '', bytes: undefined }));
    if (layouts.length === MOST_LAYOUTS) layouts = [];
    layouts.push({ names, slots });
    return layouts.at(-1)!;
  }

  return ({ name, labels, value }) => {
    layout = layoutOf(labels);
    const start = to.begin(SERIES);
    for (const slot of layout.slots) {
      const text = slot.fixed ?? (slot.name === '__name__' ? name : labels[slot.name]!);
      // An empty value is the same as no label, and the specification wants none.
      if (text === '') continue;
      if (text !== slot.last) {
        slot.last = text;
        slot.bytes = undefined;
        writeLabel(to, slot.name, text);
      } else {
        slot.bytes ??= encodedLabel(slot.name, text);
        to.raw(slot.bytes);
      }
    }
    const sample = to.begin(SAMPLE);
    to.double(NUMBER, value);
    to.raw(encodedTime);
    to.end(sample);
    to.end(start);
  };
}

function hasNames(labels: Sample['labels'], names: readonly string[]): boolean {
  let i = 0;
  for (const name in labels) if (name !== names[i++]) return false;
  return i === names.length;
}

function writeLabel(to: ProtobufWriter, name: string, value: string): void {
  const label = to.begin(LABEL);
  to.string(NAME, name);
  to.string(VALUE, value);
  to.end(label);
}

function encodedLabel(name: string, value: string): Uint8Array {
  const label = new ProtobufWriter();
  writeLabel(label, name, value);
  return label.take();
}
