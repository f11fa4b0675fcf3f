const NAME_SPECIALS = '. \'@;()"\\';
const STRING_SPECIALS = '"\\';
const MOST_OF_LABEL = 63;
const UNREADABLE = 'malformed domain name';

/**
 * Reads the fields of a part of a message in order. A part may end before a field, which is then zero or empty, but not
 * within one.
 */
export class Fields {
  at: number;
  readonly end: number;
  private readonly message: Buffer;

  constructor(message: Buffer, at = 0, end: number = message.length) {
    if (end > message.length) throw new Error('a record is longer than its message');
    this.message = message;
    this.at = at;
    this.end = end;
  }

  get more(): boolean {
    return this.at < this.end;
  }

  /** A number of one to six bytes. */
  number(bytes: number): number {
    return this.more ? this.bytes(bytes).readUIntBE(0, bytes) : 0;
  }

  bytes(length: number): Buffer {
    if (this.at + length > this.end) throw new Error('a field is longer than its record');
    this.at += length;
    return this.message.subarray(this.at - length, this.at);
  }

  rest(): Buffer {
    return this.bytes(this.end - this.at);
  }

  /** A character-string, escaped but without quotes. */
  string(): string {
    return escaped(this.bytes(this.number(1)));
  }

  /** A domain name, absolute and escaped. Follows compression pointers. */
  name(): string {
    if (!this.more) return '';
    let text = '';
    let at = this.at;
    let after: number | undefined;
    let length = 0;
    let pointers = 0;
    for (let size = this.byte(at++); size !== 0; size = this.byte(at++)) {
      if (size >= 0xc0) {
        after ??= at + 1;
        pointers++;
        at = ((size & 0x3f) << 8) | this.byte(at);
      } else {
        const label = this.message.subarray(at, at + size);
        length += size + 1;
        at += size;
        if (size > MOST_OF_LABEL || label.length < size) throw new Error(UNREADABLE);
        text += `${escaped(label, NAME_SPECIALS)}.`;
      }
      // RFC 1035, 2.3.4. Also ends loops of pointers.
      if (length > 254 || pointers > 126) throw new Error(UNREADABLE);
    }
    this.at = after ?? at;
    return text || '.';
  }

  private byte(at: number): number {
    const byte = this.message[at];
    if (byte === undefined) throw new Error(UNREADABLE);
    return byte;
  }
}

/** Escapes bytes as in zone files: RFC 1035, 5.1. */
export function escaped(bytes: Iterable<number>, specials: string = STRING_SPECIALS): string {
  let text = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, '0')}`;
    else text += specials.includes(char) ? `\\${char}` : char;
  }
  return text;
}
