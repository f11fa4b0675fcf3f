/** OpenSSL's names of the TLS 1.2 suites, by Go's names. Source: Go's crypto/tls and RFC 5289, 7905. */
export const cipherSuites: ReadonlyMap<string, string> = new Map([
  ...['ECDSA', 'RSA'].flatMap((key): [string, string][] => [
    [`TLS_ECDHE_${key}_WITH_AES_128_GCM_SHA256`, `ECDHE-${key}-AES128-GCM-SHA256`],
    [`TLS_ECDHE_${key}_WITH_AES_256_GCM_SHA384`, `ECDHE-${key}-AES256-GCM-SHA384`],
    [`TLS_ECDHE_${key}_WITH_CHACHA20_POLY1305_SHA256`, `ECDHE-${key}-CHACHA20-POLY1305`],
    [`TLS_ECDHE_${key}_WITH_AES_128_CBC_SHA`, `ECDHE-${key}-AES128-SHA`],
    [`TLS_ECDHE_${key}_WITH_AES_256_CBC_SHA`, `ECDHE-${key}-AES256-SHA`],
  ]),
  // No forward secrecy: only used if configured.
  ['TLS_RSA_WITH_AES_128_GCM_SHA256', 'AES128-GCM-SHA256'],
  ['TLS_RSA_WITH_AES_256_GCM_SHA384', 'AES256-GCM-SHA384'],
  ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
  ['TLS_RSA_WITH_AES_256_CBC_SHA', 'AES256-SHA'],
]);

/** The TLS 1.3 suites; they are not configurable. */
export const tls13Suites: readonly string[] = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
];

/** OpenSSL's names of the groups, by Go's names. */
export const curves: ReadonlyMap<string, string> = new Map([
  ['CurveP256', 'prime256v1'],
  ['CurveP384', 'secp384r1'],
  ['CurveP521', 'secp521r1'],
  ['X25519', 'X25519'],
]);

/** The default, as in Go: suites with forward secrecy. */
export const usualSuites: readonly string[] = [...cipherSuites.values()].filter((name) => name.startsWith('ECDHE'));
