import type { Answer } from 'dns-packet';

type Data = { readonly [field: string]: unknown };

/** A record as a zone file has it, its fields parted by tabs: `example.org.\t3600\tIN\tA\t192.0.2.1`. */
export function recordText(record: Answer): string {
  const { name, type } = record;
  if (type === 'OPT') return 'OPT';
  const { ttl = 0, class: class_ = 'IN', data } = record as { ttl?: number; class?: string; data?: unknown };
  return [absolute(name), ttl, class_, type, dataText(type, data)].join('\t');
}

function dataText(type: string, data: unknown): string {
  if (data instanceof Uint8Array && type !== 'TXT') return unknownData(data);
  const of = data as Data;
  switch (type) {
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return absolute(String(data));
    case 'TXT':
    case 'SPF':
      return [data]
        .flat()
        .map((part) => quoted(Buffer.isBuffer(part) ? part.toString() : String(part)))
        .join(' ');
    case 'MX':
      return `${of.preference} ${absolute(String(of.exchange))}`;
    case 'SRV':
      return `${of.priority} ${of.weight} ${of.port} ${absolute(String(of.target))}`;
    case 'CAA':
      return `${of.flags} ${of.tag} ${quoted(String(of.value))}`;
    case 'SOA': {
      const names = [of.mname, of.rname].map((name) => absolute(String(name)));
      return [...names, of.serial, of.refresh, of.retry, of.expire, of.minimum].join(' ');
    }
    case 'DS':
      return `${of.keyTag} ${of.algorithm} ${of.digestType} ${hex(of.digest)}`;
    default:
      return typeof data === 'object' && data !== null ? Object.values(data).map(plain).join(' ') : String(data);
  }
}

/** RFC 3597. */
const unknownData = (data: Uint8Array): string => `\\# ${data.length} ${hex(data)}`;

const hex = (bytes: unknown): string =>
  Buffer.from(bytes as Uint8Array)
    .toString('hex')
    .toUpperCase();
const plain = (value: unknown): string => (value instanceof Uint8Array ? hex(value) : String(value));
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
const absolute = (name: string): string => (name.endsWith('.') ? name : `${name}.`);
