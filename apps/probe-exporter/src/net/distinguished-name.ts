import type { Certificate } from 'node:tls';

// In Go's order.
const attributes = [
  ['serialNumber', 'SERIALNUMBER'],
  ['CN', 'CN'],
  ['postalCode', 'POSTALCODE'],
  ['street', 'STREET'],
  ['ST', 'ST'],
  ['L', 'L'],
  ['OU', 'OU'],
  ['O', 'O'],
  ['C', 'C'],
] as const;

/** A subject or issuer as in RFC 2253 and Go: `CN=example.com,O=Example\, Inc,C=DE`. */
export function distinguishedName(name: Certificate): string {
  const values = name as unknown as { readonly [attribute: string]: string | readonly string[] | undefined };
  return attributes
    .flatMap(([key, word]) => {
      const value = values[key];
      if (value === undefined) return [];
      return [
        [value]
          .flat()
          .map((one) => `${word}=${escaped(one)}`)
          .join('+'),
      ];
    })
    .join(',');
}

/** RFC 2253, section 2.4. */
function escaped(value: string): string {
  return value.replace(/[,+"\\<>;]|^[# ]| $/g, (char) => `\\${char}`);
}
