import type { Fields } from './fields.ts';
import { className, typeName } from './numbers.ts';
import {
  all,
  base32,
  base64,
  eui48,
  eui64,
  type Field,
  hex,
  ipv4,
  ipv6,
  locator,
  name,
  salt,
  string,
  stringToEnd,
  time,
  type,
  typeBits,
  u8,
  u16,
  u32,
  upperHex,
  upperLocator,
  word,
} from './record-fields.ts';
import { certificate, hostIdentity, ipsecKey, location, prefix, relay, serviceParameter } from './special-records.ts';

const key = [u16, u8, u8, base64];
const digest = [u16, u8, u8, upperHex];
const signature = [type, u8, u8, u32, time, time, u16, name, base64];
const service = [u16, name, all(serviceParameter)];
const association = [u8, u8, u8, hex];
const strings = [all(string)];
const preferred = [u16, name];

/** The fields of each type's data, in order. */
const layouts: { readonly [type: string]: readonly Field[] } = {
  A: [ipv4],
  AAAA: [ipv6],
  AFSDB: preferred,
  AMTRELAY: [relay],
  APL: [all(prefix)],
  AVC: strings,
  CAA: [u8, word, stringToEnd],
  CDNSKEY: key,
  CDS: digest,
  CERT: [certificate],
  CNAME: [name],
  CSYNC: [u32, u16, typeBits],
  DHCID: [base64],
  DLV: digest,
  DNAME: [name],
  DNSKEY: key,
  DS: digest,
  EID: [upperHex],
  EUI48: [eui48],
  EUI64: [eui64],
  GID: [u32],
  GPOS: [word, word, word],
  HINFO: [string, string],
  HIP: [hostIdentity],
  HTTPS: service,
  IPSECKEY: [ipsecKey],
  ISDN: [string, string],
  KEY: key,
  KX: preferred,
  L32: [u16, ipv4],
  L64: [u16, upperLocator],
  LOC: [location],
  LP: preferred,
  MB: [name],
  MD: [name],
  MF: [name],
  MG: [name],
  MINFO: [name, name],
  MR: [name],
  MX: preferred,
  NAPTR: [u16, u16, string, string, string, name],
  NID: [u16, locator],
  NIMLOC: [upperHex],
  NINFO: strings,
  NS: [name],
  'NSAP-PTR': [name],
  NSEC: [name, typeBits],
  NSEC3: [u8, u8, u16, salt, base32, typeBits],
  NSEC3PARAM: [u8, u8, u16, salt],
  NXNAME: [],
  NXT: [name, typeBits],
  OPENPGPKEY: [base64],
  PTR: [name],
  PX: [u16, name, name],
  RESINFO: strings,
  RKEY: key,
  RP: [name, name],
  RRSIG: signature,
  RT: preferred,
  SIG: signature,
  SMIMEA: association,
  SOA: [name, name, u32, u32, u32, u32, u32],
  SPF: strings,
  SRV: [u16, u16, u16, name],
  SSHFP: [u8, u8, upperHex],
  SVCB: service,
  TA: digest,
  TALINK: [name, name],
  TLSA: association,
  TXT: strings,
  UID: [u32],
  UINFO: [string],
  URI: [u16, u16, stringToEnd],
  X25: [word],
  ZONEMD: [u32, u8, u8, hex],
};

export interface RecordHead {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
}

/**
 * A record in zone-file form, its first fields separated by tabs: `example.org.\t3600\tIN\tA\t192.0.2.1`. Types without a
 * form of their own are written as in RFC 3597. @throws Error if the data does not fit the type.
 */
export function recordText({ name, type, class: class_, ttl }: RecordHead, data: Fields): string {
  if (typeName(type) === 'OPT') return pseudoSection(class_, ttl);
  const layout = layouts[typeName(type)];
  if (layout === undefined) {
    const bytes = data.rest();
    return [name, ttl, `CLASS${class_}`, `TYPE${type}`, `\\# ${bytes.length} ${bytes.toString('hex')}`].join('\t');
  }
  // A list at the end may be empty.
  const text = layout
    .map((field) => field(data))
    .join(' ')
    .trimEnd();
  if (data.at !== data.end) throw new Error(`malformed ${typeName(type)} record`);
  return [name, ttl, className(class_), typeName(type), text].join('\t');
}

/** An OPT record describes the message: RFC 6891, 6.1. */
function pseudoSection(size: number, flags: number): string {
  const [version, reserved] = [(flags >> 16) & 0xff, flags & 0x3fff];
  const set = [...(flags & 0x8000 ? [' do'] : []), ...(flags & 0x4000 ? [' co'] : [])].join('');
  const rest = reserved === 0 ? '' : `MBZ: 0x${reserved.toString(16).padStart(4, '0')}, `;
  return `\n;; OPT PSEUDOSECTION:\n; EDNS: version ${version}; flags:${set}; ${rest}udp: ${size}`;
}
