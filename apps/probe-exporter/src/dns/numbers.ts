// IANA's names of the numbers in a message, spelt as in blackbox_exporter.
// https://www.iana.org/assignments/dns-parameters

const listed =
  'None A NS MD MF CNAME SOA MB MG MR NULL - PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT - NSAP-PTR SIG KEY PX GPOS AAAA ' +
  'LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT - DNAME - OPT APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY DHCID NSEC3 NSEC3PARAM ' +
  'TLSA SMIMEA - HIP NINFO RKEY TALINK CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS';

const typeNames: ReadonlyMap<number, string> = new Map<number, string>([
  ...[...listed.split(' ').entries()].filter(([, name]) => name !== '-'),
  ...[...'SPF UINFO UID GID UNSPEC NID L32 L64 LP EUI48 EUI64'.split(' ').entries()].map(
    ([index, name]): [number, string] => [99 + index, name],
  ),
  [128, 'NXNAME'],
  ...[...'TKEY TSIG IXFR AXFR MAILB MAILA ANY URI CAA AVC'.split(' ').entries()].map(
    ([index, name]): [number, string] => [249 + index, name],
  ),
  [260, 'AMTRELAY'],
  [261, 'RESINFO'],
  [32768, 'TA'],
  [32769, 'DLV'],
  [65535, 'Reserved'],
]);
const typeNumbers: ReadonlyMap<string, number> = new Map([...typeNames].map(([number, name]) => [name, number]));

/** For unknown numbers, `TYPE…` and `CLASS…`, as in RFC 3597. */
export const typeName = (type: number): string => typeNames.get(type) ?? `TYPE${type}`;
export const typeNumber = (name: string): number => typeNumbers.get(name)!;
export const types: readonly string[] = [...typeNames.values()];

const classNumbers = { IN: 1, CS: 2, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;
export type Class = keyof typeof classNumbers;
export const classes = Object.keys(classNumbers) as readonly Class[];
export const className = (number: number): string =>
  classes.find((name) => classNumbers[name] === number) ?? `CLASS${number}`;
export const classNumber = (name: Class): number => classNumbers[name];

const rcodeNames: ReadonlyMap<number, string> = new Map([
  ...'NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE DSOTYPENI'
    .split(' ')
    .entries(),
  ...[...'BADSIG BADKEY BADTIME BADMODE BADNAME BADALG BADTRUNC BADCOOKIE'.split(' ').entries()].map(
    ([index, name]): [number, string] => [16 + index, name],
  ),
]);
export const rcodeName = (number: number): string => rcodeNames.get(number) ?? `RCODE${number}`;
export const rcodes: readonly string[] = [...rcodeNames.values()];
