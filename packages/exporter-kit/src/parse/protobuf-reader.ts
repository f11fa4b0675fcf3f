import { Buffer } from 'node:buffer';

/** A field of a message: its number, and its value as the wire has it. */
export interface Field {
  readonly number: number;
  /** A varint or a fixed number; of a field with a length, `undefined`. */
  readonly value: bigint | undefined;
  readonly bytes: Uint8Array;
}

/**
 * The fields of a message, in order.
 *
 * @param at where the message begins in the exposition, for errors.
 * @throws Error if the message is cut short or malformed.
 */
export function* fieldsOf(message: Uint8Array, at = 0): Generator<Field, void, void> {
  const cursor = { at: 0 };
  while (cursor.at < message.length) {
    const tag = Number(readVarint(message, cursor, at));
    const number = Math.floor(tag / 8);
    if (number === 0) throw malformed(at + cursor.at, 'a field has the number 0');
    switch (tag % 8) {
      case 0:
        yield { number, value: readVarint(message, cursor, at), bytes: NONE };
        break;
      case 1:
        yield { number, value: undefined, bytes: readBytes(message, cursor, 8, at) };
        break;
      case 2: {
        const length = Number(readVarint(message, cursor, at));
        yield { number, value: undefined, bytes: readBytes(message, cursor, length, at) };
        break;
      }
      case 5:
        yield { number, value: undefined, bytes: readBytes(message, cursor, 4, at) };
        break;
      default:
        throw malformed(at + cursor.at, `field ${number} has the wire type ${tag % 8}`);
    }
  }
}

const NONE = new Uint8Array(0);

/** The messages of a delimited stream, each with where it begins. @throws Error if the last one is cut short. */
export function* delimited(stream: Uint8Array): Generator<{ message: Uint8Array; at: number }, void, void> {
  const cursor = { at: 0 };
  while (cursor.at < stream.length) {
    const length = Number(readVarint(stream, cursor, 0));
    const { at } = cursor;
    yield { message: readBytes(stream, cursor, length, 0), at };
  }
}

export const numberIn = ({ value }: Field): number => Number(value ?? 0n);
export const signedIn = ({ value = 0n }: Field): number => zigzag(value);
export const textIn = ({ bytes }: Field): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();

/** @throws Error if the field is no double. */
export function doubleIn({ bytes, number }: Field): number {
  if (bytes.length !== 8) throw new Error(`protobuf: field ${number} must be a double.`);
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
}

/** A repeated sint64, packed or one of several fields. */
export function signedListIn({ value, bytes }: Field): number[] {
  if (value !== undefined) return [zigzag(value)];
  const list: number[] = [];
  for (const cursor = { at: 0 }; cursor.at < bytes.length; ) list.push(zigzag(readVarint(bytes, cursor, 0)));
  return list;
}

/** A repeated double, packed or one of several fields. @throws Error if its length is not that of doubles. */
export function doubleListIn({ bytes, number }: Field): number[] {
  if (bytes.length % 8 !== 0) throw new Error(`protobuf: field ${number} must be a list of doubles.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
}

const zigzag = (value: bigint): number => Number((value >> 1n) ^ -(value & 1n));

function readVarint(bytes: Uint8Array, cursor: { at: number }, base: number): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw malformed(base + bytes.length, 'it ends within a number');
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw malformed(base + cursor.at, 'a number has more than ten bytes');
}

function readBytes(bytes: Uint8Array, cursor: { at: number }, length: number, base: number): Uint8Array {
  const end = cursor.at + length;
  if (end > bytes.length) throw malformed(base + bytes.length, `it ends ${end - bytes.length} bytes too early`);
  const part = bytes.subarray(cursor.at, end);
  cursor.at = end;
  return part;
}

function malformed(at: number, why: string): Error {
  return new Error(`protobuf: ${why}, at byte ${at}.`);
}
