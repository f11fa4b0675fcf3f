import { Buffer } from 'node:buffer';
import type { LazyFamily, Sample } from '../../collect/families.ts';
import type { Exemplar } from '../../collect/store/exemplar.ts';
import { ProtobufWriter } from '../../encode/protobuf-writer.ts';
import type { Kind } from '../../metric/metric.ts';
import { layoutFinder, NAME_LABEL } from './layouts.ts';
import { byTime, writeNative } from './native.ts';
import type { Protocol, RequestWriter } from './request.ts';

// Fields of the messages. Source: the specification's protobuf schema.
const SYMBOL = 4;
const SERIES = 5;
const LABEL_REFS = 1;
const SAMPLE = 2;
const HISTOGRAM = 3;
const EXEMPLAR = 4;
const METADATA = 5;
// Where receivers of the specification's earlier candidates, such as Prometheus 3.5, look for the start.
const SERIES_START = 6;
const NUMBER = 1;
const TIME = 2;
const START = 3;
const EXEMPLAR_NUMBER = 2;
const EXEMPLAR_TIME = 3;
const HISTOGRAM_TIME = 15;
const HISTOGRAM_START = 17;
const TYPE = 1;
const HELP_REF = 3;
const UNIT_REF = 4;

const TYPES: { readonly [K in Kind]: number } = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  gaugehistogram: 4,
  summary: 5,
  info: 6,
  stateset: 7,
};

/** Remote write 2.0: each text once in a request, and types, units, help, starts beside the numbers. */
export const remoteWrite2: Protocol = {
  version: '2.0',
  headers: {
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'x-prometheus-remote-write-version': '2.0.0',
  },
  escaping: 'allow-utf-8',
  writer,
};

/** One label of a series, and where its last value is among the symbols. */
interface Slot {
  readonly name: string;
  /** The value, for a label of the group. */
  readonly fixed: string | undefined;
  nameRef: number;
  last: string;
  ref: number;
  /** The request that the references are of. */
  request: number;
}

function writer(group: { readonly [label: string]: string }, timeMs: number): RequestWriter {
  const series = new ProtobufWriter();
  const symbols = symbolTable();
  const slotsOf = layoutFinder(
    group,
    (name, fixed): Slot => ({ name, fixed, nameRef: 0, last: '', ref: 0, request: -1 }),
  );
  const scratch = new ProtobufWriter();
  scratch.integer(TIME, timeMs);
  const encodedTime = scratch.take();
  const refs: number[] = [];
  let kept = 0;
  let request = 0;
  let described: LazyFamily | undefined;
  let metadata: Uint8Array = new Uint8Array();

  function writeLabels({ name, labels }: Sample): void {
    let count = 0;
    for (const slot of slotsOf(labels)) {
      const text = slot.fixed ?? (slot.name === NAME_LABEL ? name : labels[slot.name]!);
      // An empty value is the same as no label, and the specification wants none.
      if (text === '') continue;
      if (slot.request !== request) {
        slot.request = request;
        slot.nameRef = symbols.ref(slot.name);
        slot.last = '';
      }
      if (text !== slot.last) {
        slot.last = text;
        slot.ref = symbols.ref(text);
      }
      refs[count++] = slot.nameRef;
      refs[count++] = slot.ref;
    }
    series.packed(LABEL_REFS, refs, count);
  }

  function metadataOf(family: LazyFamily): Uint8Array {
    if (described === family) return metadata;
    described = family;
    const start = scratch.begin(METADATA);
    if (TYPES[family.kind] > 0) scratch.integer(TYPE, TYPES[family.kind]);
    if (family.help !== '') scratch.integer(HELP_REF, symbols.ref(family.help));
    if (family.unit !== '') scratch.integer(UNIT_REF, symbols.ref(family.unit));
    scratch.end(start);
    metadata = scratch.take();
    return metadata;
  }

  function writeExemplar({ labels, value, timestampMs }: Exemplar): void {
    const start = series.begin(EXEMPLAR);
    const pairs = Object.entries(labels).filter(([, text]) => text !== '');
    pairs.sort(([a], [b]) => (a < b ? -1 : 1));
    series.packed(LABEL_REFS, pairs.flat().map(symbols.ref));
    series.double(EXEMPLAR_NUMBER, value);
    series.integer(EXEMPLAR_TIME, Math.trunc(timestampMs));
    series.end(start);
  }

  return {
    get length() {
      return symbols.length + series.length;
    },
    write(sample, family) {
      const { native, exemplar, startMs } = sample;
      const start = series.begin(SERIES);
      writeLabels(sample);
      const point = series.begin(native === undefined ? SAMPLE : HISTOGRAM);
      if (native === undefined) {
        series.double(NUMBER, sample.value);
        series.raw(encodedTime);
        if (startMs !== undefined) series.integer(START, Math.trunc(startMs));
      } else {
        writeNative(series, native);
        series.integer(HISTOGRAM_TIME, timeMs);
        if (startMs !== undefined) series.integer(HISTOGRAM_START, Math.trunc(startMs));
      }
      series.end(point);
      if (exemplar !== undefined) writeExemplar(exemplar);
      if (native !== undefined) for (const one of byTime(native)) writeExemplar(one);
      series.raw(metadataOf(family));
      if (startMs !== undefined) series.integer(SERIES_START, Math.trunc(startMs));
      series.end(start);
    },
    keep() {
      kept = series.length;
      symbols.keep();
    },
    take() {
      series.truncate(kept);
      kept = 0;
      request++;
      described = undefined;
      return Buffer.concat([symbols.take(), series.take()]);
    },
  };
}

/** The texts of one request, each once. */
interface SymbolTable {
  readonly length: number;
  /** The place of a text, which is added if it is new. */
  ref(text: string): number;
  keep(): void;
  take(): Uint8Array;
}

function symbolTable(): SymbolTable {
  const texts = new ProtobufWriter();
  const places = new Map<string, number>();
  let kept = 0;
  const begin = (): void => {
    places.clear();
    // The first must be empty: a reference of 0 means "none".
    places.set('', 0);
    texts.string(SYMBOL, '');
    kept = texts.length;
  };
  begin();
  return {
    get length() {
      return texts.length;
    },
    ref(text) {
      const known = places.get(text);
      if (known !== undefined) return known;
      const place = places.size;
      places.set(text, place);
      texts.string(SYMBOL, text);
      return place;
    },
    keep() {
      kept = texts.length;
    },
    take() {
      texts.truncate(kept);
      const taken = texts.take();
      begin();
      return taken;
    },
  };
}
