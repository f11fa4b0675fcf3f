import { Fields } from './fields.ts';
import { type Class, classNumber, rcodeName, typeName, typeNumber } from './numbers.ts';
import { recordText } from './record-text.ts';

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly class: Class;
  readonly recursion: boolean;
}

export interface DnsRecord {
  readonly type: string;
  readonly ttl: number;
  /** The record in zone-file form. */
  readonly text: string;
}

export interface DnsAnswer {
  readonly rcode: string;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

export function encodeQuestion({ id, name, type, class: class_, recursion }: Question): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id);
  head.writeUInt16BE(recursion ? 0x100 : 0, 2);
  head.writeUInt16BE(1, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(typeNumber(type));
  tail.writeUInt16BE(classNumber(class_), 2);
  return Buffer.concat([head, encodeName(name), tail]);
}

/** Encodes a name in zone-file form, with escapes. @throws Error if it is not a valid name. */
export function encodeName(name: string): Buffer {
  const labels: number[][] = [[]];
  for (const [char] of name.matchAll(/\\\d{3}|\\?./gsu)) {
    if (char === '.') labels.push([]);
    else if (/^\\\d{3}$/.test(char)) labels.at(-1)!.push(Number(char.slice(1)) & 0xff);
    else labels.at(-1)!.push(...Buffer.from(char.replace(/^\\(?=.)/su, '')));
  }
  if (labels.at(-1)!.length === 0) labels.pop();
  if (name === '.') labels.length = 0;
  const bytes = Buffer.from([...labels.flatMap((label) => [label.length, ...label]), 0]);
  if (labels.some(({ length }) => length === 0 || length > 63) || bytes.length > 255) {
    throw new Error(`"${name}" is not a valid domain name`);
  }
  return bytes;
}

/** Whether a message answers the query with this id; its content may still be malformed. */
export const answers = (id: number, message: Buffer): boolean =>
  message.length >= 12 && message.readUInt16BE() === id && message[2]! >= 0x80;

/** @throws Error if the message is malformed. */
export function decodeAnswer(message: Buffer): DnsAnswer {
  const fields = new Fields(message, 3);
  const code = fields.number(1) & 0xf;
  const [questions = 0, ...counts] = [1, 2, 3, 4].map(() => fields.number(2));
  for (let left = questions; left > 0 && fields.more; left--) {
    fields.name();
    fields.bytes(4);
  }
  const [answers = [], authorities = [], additionals = []] = counts.map((count) => {
    const records: DnsRecord[] = [];
    // The counts may be larger than the number of records.
    while (records.length < count && fields.more) records.push(decodeRecord(message, fields));
    return records;
  });
  // RFC 6891, 6.1.3: the upper bits of the code.
  const extended = (additionals.find(({ type }) => type === 'OPT')?.ttl ?? 0) >>> 24;
  return { rcode: rcodeName((extended << 4) | code), answers, authorities, additionals };
}

function decodeRecord(message: Buffer, fields: Fields): DnsRecord {
  const name = fields.name();
  const [type, class_, ttl] = [fields.number(2), fields.number(2), fields.number(4)];
  const data = fields.bytes(fields.number(2));
  const text = recordText({ name, type, class: class_, ttl }, new Fields(message, fields.at - data.length, fields.at));
  return { type: typeName(type), ttl, text };
}
