import type { Sample } from '../../collect/families.ts';
import type { Exemplar } from '../../collect/store/exemplar.ts';
import { ProtobufWriter } from '../../encode/protobuf-writer.ts';
import { layoutFinder, NAME_LABEL } from './layouts.ts';
import { byTime, writeNative } from './native.ts';
import type { Protocol, RequestWriter } from './request.ts';

// Fields of the messages. Source: the specification's protobuf schema.
const SERIES = 1;
const LABEL = 1;
const SAMPLE = 2;
const EXEMPLAR = 3;
const HISTOGRAM = 4;
const NAME = 1;
const VALUE = 2;
const NUMBER = 1;
const TIME = 2;
const EXEMPLAR_NUMBER = 2;
const EXEMPLAR_TIME = 3;
const HISTOGRAM_TIME = 15;

/** Remote write 1.0, which every engine takes. */
export const remoteWrite1: Protocol = {
  version: '1.0',
  headers: {
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
  },
  // Engines may reject other names.
  escaping: 'underscores',
  writer,
};

/** One label of a series, and its encoding for the last value. */
interface Slot {
  readonly name: string;
  /** The value, for a label of the group. */
  readonly fixed: string | undefined;
  last: string;
  bytes: Uint8Array | undefined;
}

function writer(group: { readonly [label: string]: string }, timeMs: number): RequestWriter {
  const to = new ProtobufWriter();
  const slotsOf = layoutFinder(group, (name, fixed): Slot => ({ name, fixed, last: '', bytes: undefined }));
  const scratch = new ProtobufWriter();
  scratch.integer(TIME, timeMs);
  const encodedTime = scratch.take();
  let kept = 0;

  function encodedLabel(name: string, value: string): Uint8Array {
    writeLabel(scratch, name, value);
    return scratch.take();
  }

  function writeLabels({ name, labels }: Sample): void {
    for (const slot of slotsOf(labels)) {
      const text = slot.fixed ?? (slot.name === NAME_LABEL ? name : labels[slot.name]!);
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
  }

  return {
    get length() {
      return to.length;
    },
    write(sample) {
      const start = to.begin(SERIES);
      writeLabels(sample);
      const { native, exemplar } = sample;
      const point = to.begin(native === undefined ? SAMPLE : HISTOGRAM);
      if (native === undefined) {
        to.double(NUMBER, sample.value);
        to.raw(encodedTime);
      } else {
        writeNative(to, native);
        to.integer(HISTOGRAM_TIME, timeMs);
      }
      to.end(point);
      if (exemplar !== undefined) writeExemplar(to, exemplar);
      if (native !== undefined) for (const one of byTime(native)) writeExemplar(to, one);
      to.end(start);
    },
    keep() {
      kept = to.length;
    },
    take() {
      to.truncate(kept);
      kept = 0;
      return to.take();
    },
  };
}

function writeExemplar(to: ProtobufWriter, { labels, value, timestampMs }: Exemplar): void {
  const start = to.begin(EXEMPLAR);
  for (const [name, text] of Object.entries(labels)) if (text !== '') writeLabel(to, name, text);
  to.double(EXEMPLAR_NUMBER, value);
  to.integer(EXEMPLAR_TIME, Math.trunc(timestampMs));
  to.end(start);
}

function writeLabel(to: ProtobufWriter, name: string, value: string): void {
  const label = to.begin(LABEL);
  to.string(NAME, name);
  to.string(VALUE, value);
  to.end(label);
}
