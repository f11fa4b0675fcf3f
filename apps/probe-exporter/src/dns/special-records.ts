import { escaped, type Fields } from './fields.ts';
import { all, base64, type Field, ipv4, ipv6, ipv6Text, name, u8, u16 } from './record-fields.ts';

// Types whose fields depend on one another.

const gateways: readonly (Field | undefined)[] = [undefined, ipv4, ipv6, name];
const gateway = (kind: number, fields: Fields): string => gateways[kind]?.(fields) ?? '.';

/** RFC 4025. */
export const ipsecKey: Field = (fields) => {
  const [precedence, kind, algorithm] = [u8(fields), fields.number(1), u8(fields)];
  return [precedence, kind, algorithm, gateway(kind, fields), base64(fields)].join(' ');
};

/** RFC 8777. */
export const relay: Field = (fields) => {
  const [precedence, kind] = [u8(fields), fields.number(1)];
  return [precedence, kind >> 7, kind & 0x7f, gateway(kind & 0x7f, fields)].join(' ');
};

/** RFC 8005. */
export const hostIdentity: Field = (fields) => {
  const [size, algorithm, keySize] = [fields.number(1), u8(fields), fields.number(2)];
  const [tag, key] = [fields.bytes(size).toString('hex'), fields.bytes(keySize).toString('base64')];
  return [algorithm, tag, key, all(name)(fields)].join(' ').trimEnd();
};

/** RFC 3123. */
export const prefix: Field = (fields) => {
  const [family, length, size] = [fields.number(2), fields.number(1), fields.number(1)];
  const bytes = Buffer.concat([fields.bytes(size & 0x7f), Buffer.alloc(16)]);
  const address = family === 1 ? bytes.subarray(0, 4).join('.') : ipv6Text(bytes.subarray(0, 16));
  return `${size & 0x80 ? '!' : ''}${family}:${address}/${length}`;
};

const named = (names: string, also: readonly [number, string][]): ReadonlyMap<string, string> =>
  new Map([...[...names.split(' ').entries()], ...also].map(([number, name]) => [String(number), name]));
// In the order of their numbers; "-" is unassigned.
const certificateTypes = named('- PKIX SPKI PGP IPIX ISPKI IPGP ACPKIX IACPKIX', [
  [253, 'URI'],
  [254, 'OID'],
]);
const algorithms = named(
  '- RSAMD5 DH DSA - RSASHA1 DSA-NSEC3-SHA1 RSASHA1-NSEC3-SHA1 RSASHA256 - RSASHA512 - ECC-GOST ECDSAP256SHA256 ' +
    'ECDSAP384SHA384 ED25519 ED448',
  [
    [252, 'INDIRECT'],
    [253, 'PRIVATEDNS'],
    [254, 'PRIVATEOID'],
  ],
);
const nameOr = (number: string, names: ReadonlyMap<string, string>): string =>
  names.get(number)?.replace(/^-$/, number) ?? number;

/** RFC 4398. */
export const certificate: Field = (fields) => {
  const [kind, tag, algorithm] = [u16(fields), u16(fields), u8(fields)];
  return [nameOr(kind, certificateTypes), tag, nameOr(algorithm, algorithms), base64(fields)].join(' ');
};

/** RFC 1876. */
export const location: Field = (fields) => {
  fields.number(1);
  const sizes = [metres(fields.number(1)), metres(fields.number(1)), metres(fields.number(1))];
  const [latitude, longitude] = [angle(fields.number(4), 'NS'), angle(fields.number(4), 'EW')];
  const altitude = fields.number(4);
  return [latitude, longitude, `${(altitude / 100 - 100_000).toFixed(altitude % 100 === 0 ? 0 : 2)}m`, ...sizes].join(
    ' ',
  );
};

/** Latitude or longitude, in thousandths of a second of arc; 2^31 is zero. */
function angle(thousandths: number, [positive, negative]: string): string {
  const distance = thousandths - 2 ** 31;
  const [seconds, minutes] = [Math.abs(distance) / 1000, Math.floor(Math.abs(distance) / 60_000)];
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))} ${two(minutes % 60)} ${(seconds % 60).toFixed(3)} ${distance > 0 ? positive : negative}`;
}

/** Centimetres, as a digit and a power of ten. */
const metres = (coded: number): string => {
  const [digit, power] = [coded >> 4, coded & 0xf];
  return power < 2 ? `${((digit * 10 ** power) / 100).toFixed(2)}m` : `${digit * 10 ** (power - 2)}m`;
};

const parameters = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath', 'ohttp'];
const parameterName = (key: number): string => parameters[key] ?? `key${key}`;

/** What follows the target of an SVCB or HTTPS record: RFC 9460. */
export const serviceParameter: Field = (fields) => {
  const key = fields.number(2);
  const bytes = fields.bytes(fields.number(2));
  return `${parameterName(key)}="${parameterValue(key, bytes)}"`;
};

function parameterValue(key: number, bytes: Buffer): string {
  const parts = (size: number): Buffer[] =>
    Array.from({ length: Math.floor(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
  switch (parameterName(key)) {
    case 'mandatory':
      return parts(2)
        .map((part) => parameterName(part.readUInt16BE()))
        .join(',');
    case 'alpn':
      return protocols(bytes).join(',');
    case 'port':
      return parts(2)
        .map((part) => part.readUInt16BE())
        .join(',');
    case 'ipv4hint':
      return parts(4)
        .map((part) => part.join('.'))
        .join(',');
    case 'ipv6hint':
      return parts(16).map(ipv6Text).join(',');
    case 'ech':
      return bytes.toString('base64');
    default:
      return escaped(bytes, '"; \\');
  }
}

/** Commas and backslashes, which delimit list items, are escaped twice. */
const twiceEscaped: { readonly [byte: number]: string } = { 44: '\\\\\\044', 92: '\\\\\\092' };

function protocols(bytes: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < bytes.length; at += 1 + bytes[at]!) {
    const bytesOfName = [...bytes.subarray(at + 1, at + 1 + bytes[at]!)];
    names.push(bytesOfName.map((byte) => twiceEscaped[byte] ?? escaped([byte], '"; ')).join(''));
  }
  return names;
}
