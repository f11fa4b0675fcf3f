import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from './protobuf-writer.ts';

type Field =
  | { readonly is: 'string'; readonly field: number; readonly text: string }
  | { readonly is: 'double'; readonly field: number; readonly value: number }
  | { readonly is: 'integer'; readonly field: number; readonly value: number }
  | { readonly is: 'signed'; readonly field: number; readonly value: number }
  | { readonly is: 'packed'; readonly field: number; readonly values: readonly number[] }
  | { readonly is: 'message'; readonly field: number; readonly fields: readonly Field[] };

const field = fc.integer({ min: 1, max: 2 ** 20 });
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 40, maxLength: 400 }));
const { fields } = fc.letrec<{ fields: Field[]; one: Field }>((tie) => ({
  fields: fc.array(tie('one'), { maxLength: 8 }),
  one: fc.oneof(
    { depthSize: 'small' },
    fc.record({ is: fc.constant('string' as const), field, text }),
    fc.record({ is: fc.constant('double' as const), field, value: fc.double() }),
    fc.record({ is: fc.constant('integer' as const), field, value: fc.maxSafeNat() }),
    fc.record({ is: fc.constant('signed' as const), field, value: fc.maxSafeInteger() }),
    fc.record({ is: fc.constant('packed' as const), field, values: fc.array(fc.maxSafeNat(), { minLength: 1 }) }),
    fc.record({ is: fc.constant('message' as const), field, fields: tie('fields') }),
  ),
}));

function ours(writer: ProtobufWriter, all: readonly Field[]): ProtobufWriter {
  for (const one of all) {
    if (one.is === 'string') writer.string(one.field, one.text);
    else if (one.is === 'double') writer.double(one.field, one.value);
    else if (one.is === 'integer') writer.integer(one.field, one.value);
    else if (one.is === 'signed') writer.signed(one.field, one.value);
    else if (one.is === 'packed') writer.packed(one.field, one.values);
    else {
      const start = writer.begin(one.field);
      ours(writer, one.fields);
      writer.end(start);
    }
  }
  return writer;
}

function theirs(writer: BinaryWriter, all: readonly Field[]): BinaryWriter {
  for (const one of all) {
    if (one.is === 'string') writer.uint32((one.field << 3) | 2).string(one.text);
    else if (one.is === 'double') writer.uint32((one.field << 3) | 1).double(one.value);
    else if (one.is === 'integer') writer.uint32(one.field << 3).int64(one.value);
    else if (one.is === 'signed') writer.uint32(one.field << 3).sint64(one.value);
    else if (one.is === 'packed') {
      const packed = writer.uint32((one.field << 3) | 2).fork();
      for (const value of one.values) packed.int64(value);
      packed.join();
    } else theirs(writer.uint32((one.field << 3) | 2).fork(), one.fields).join();
  }
  return writer;
}

describe('protobuf', () => {
  it('is written as the library writes it', () => {
    const writer = new ProtobufWriter();
    fc.assert(
      fc.property(fields, (all) => {
        const expected = theirs(new BinaryWriter(), all).finish();
        expect(ours(writer, all).length).toBe(expected.length);
        expect(writer.take()).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('has U+FFFD for a lone surrogate, in short and long texts', () => {
    for (const around of ['', 'x'.repeat(100)]) {
      const writer = new ProtobufWriter();
      writer.string(1, `\ud800${around}`);
      const reader = new BinaryReader(writer.take());
      reader.tag();
      expect(reader.string()).toBe(`\ufffd${around}`);
    }
  });

  it('is taken out in parts', () => {
    const writer = new ProtobufWriter();
    writer.string(1, 'one');
    const { length } = writer;
    writer.string(1, 'two');
    expect(Buffer.from(writer.take(length)).toString('latin1')).toBe('\x0a\x03one');
    expect(Buffer.from(writer.take()).toString('latin1')).toBe('\x0a\x03two');
    expect(writer.length).toBe(0);
  });

  it('grows for a text of megabytes', () => {
    const writer = new ProtobufWriter();
    const start = writer.begin(2);
    writer.string(1, 'é'.repeat(2_000_000));
    writer.end(start);
    const reader = new BinaryReader(writer.take());
    expect(reader.tag()).toEqual([2, 2]);
    expect(reader.uint32()).toBe(4_000_005);
  });
});
