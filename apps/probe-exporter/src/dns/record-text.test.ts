import { expect, it } from 'vitest';
import { dnsRecords } from '../../test/dns-records.ts';
import { Fields } from './fields.ts';
import { decodeAnswer, encodeName } from './message.ts';
import { typeNumber } from './numbers.ts';
import { recordText } from './record-text.ts';

function text(type: string | number, data: Buffer, class_ = 1): string {
  const number = typeof type === 'number' ? type : typeNumber(type);
  return recordText({ name: 'example.org.', type: number, class: class_, ttl: 60 }, new Fields(data));
}

it.each(dnsRecords)('%s %s', (type, data, expected) => {
  expect(text(type, Buffer.from(data, 'hex'))).toBe(`example.org.\t60\t${expected}`);
});

it('of an unknown class', () => {
  expect(text('A', Buffer.of(192, 0, 2, 1), 42)).toBe('example.org.\t60\tCLASS42\tA\t192.0.2.1');
});

it.each([
  ['A', 'c00002'],
  ['A', 'c000020101'],
  ['TXT', '0561'],
  ['NSEC', '00000901'],
  ['SRV', '000100020003c0ff'],
])('rejects malformed data: %s %s', (type, data) => {
  expect(() => text(type, Buffer.from(data, 'hex'))).toThrow(/longer than|malformed/);
});

it.each(['a\\.b\\\\.\\200\\000\\@.example.org.', '.', 'example.org.'])(
  'the name %s survives encoding and decoding',
  (name) => {
    expect(text('NS', encodeName(name))).toBe(`example.org.\t60\tIN\tNS\t${name}`);
  },
);

it.each(['..', 'a..b', 'a'.repeat(64), `${'a.'.repeat(128)}`])('rejects the name %j', (name) => {
  expect(() => encodeName(name)).toThrow('is not a valid domain name');
});

it('rejects a name whose pointer points to itself', () => {
  const message = Buffer.from(`0000818000000001000000${'00c00c'}00010001000000000000`, 'hex');
  expect(() => decodeAnswer(message)).toThrow('malformed domain name');
});
