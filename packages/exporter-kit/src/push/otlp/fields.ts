/**
 * Reads the top fields of a protobuf message: numbers of varints, and the bytes of texts and messages; of a repeated field,
 * the last one. Other types are skipped. What is broken or cut off ends it.
 */
export function fieldsOf(bytes: Uint8Array): ReadonlyMap<number, number | Uint8Array> {
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;

  /** NaN for a varint that is incomplete or too long. */
  function varint(): number {
    let value = 0;
    for (let factor = 1; at < bytes.length && factor < 2 ** 70; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  }

  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0: {
        const value = varint();
        if (Number.isNaN(value)) return fields;
        fields.set(field, value);
        break;
      }
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        if (!(length <= bytes.length - at)) return fields;
        fields.set(field, bytes.subarray(at, at + length));
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return fields;
    }
  }
  return fields;
}
