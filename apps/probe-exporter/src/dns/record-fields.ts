import { escaped, type Fields } from './fields.ts';
import { typeName } from './numbers.ts';

/** Reads a field and returns it in zone-file form. */
export type Field = (fields: Fields) => string;

const number =
  (bytes: number): Field =>
  (fields) =>
    String(fields.number(bytes));

export const u8: Field = number(1);
export const u16: Field = number(2);
export const u32: Field = number(4);

export const name: Field = (fields) => fields.name();
export const word: Field = (fields) => fields.string();
export const string: Field = (fields) => `"${fields.string()}"`;
export const stringToEnd: Field = (fields) => `"${escaped(fields.rest())}"`;

export const hex: Field = (fields) => fields.rest().toString('hex');
export const upperHex: Field = (fields) => hex(fields).toUpperCase();
export const base64: Field = (fields) => fields.rest().toString('base64');

/** Repeats a field until the end of the data. */
export const all =
  (field: Field): Field =>
  (fields) => {
    const texts: string[] = [];
    while (fields.more) texts.push(field(fields));
    return texts.join(' ');
  };

export const ipv4: Field = (fields) => (fields.more ? fields.bytes(4).join('.') : '');
export const ipv6: Field = (fields) => (fields.more ? ipv6Text(fields.bytes(16)) : '');

export function ipv6Text(bytes: Buffer): string {
  const digits = bytes.toString('hex');
  if (digits.startsWith('00000000000000000000ffff')) return `::ffff:${bytes.subarray(12).join('.')}`;
  // The URL parser shortens it as in RFC 5952.
  return new URL(`http://[${digits.match(/..../g)!.join(':')}]`).hostname.slice(1, -1);
}

const parted =
  (bytes: number, digits: RegExp, by: string): Field =>
  (fields) =>
    (fields.more ? fields.bytes(bytes) : Buffer.alloc(bytes)).toString('hex').match(digits)!.join(by);

export const eui48: Field = parted(6, /../g, '-');
export const eui64: Field = parted(8, /../g, '-');
export const locator: Field = parted(8, /..../g, ':');
export const upperLocator: Field = (fields) => locator(fields).toUpperCase();

/** Such as `20261122093000`. */
export const time: Field = (fields) => new Date(fields.number(4) * 1000).toISOString().slice(0, 19).replace(/\D/g, '');

export const type: Field = (fields) => typeName(fields.number(2));

/** The types whose bits are set, in windows of 256: RFC 4034, 4.1.2. */
export const typeBits: Field = (fields) => {
  const names: string[] = [];
  while (fields.more) {
    const window = fields.number(1) * 256;
    for (const [index, byte] of fields.bytes(fields.number(1)).entries()) {
      for (let bit = 0; bit < 8; bit++) if (byte & (0x80 >> bit)) names.push(typeName(window + index * 8 + bit));
    }
  }
  return names.join(' ');
};

export const salt: Field = (fields) => fields.bytes(fields.number(1)).toString('hex').toUpperCase() || '-';

/** In base32hex (RFC 4648, 7), without padding. */
export const base32: Field = (fields) => {
  const bits = [...fields.bytes(fields.number(1))].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = (bits.match(/.{1,5}/g) ?? []).map((five) => Number.parseInt(five.padEnd(5, '0'), 2).toString(32));
  return digits.join('').toUpperCase();
};
