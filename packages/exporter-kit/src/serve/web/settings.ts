import type { ClientAuthType } from './web-config.ts';

/** A PEM text, or the file it is in. */
export type Pem = { readonly text: string } | { readonly file: string };

/** TLS as a web configuration has it, checked as far as one can without its files. */
export interface TlsSettings {
  readonly cert: Pem;
  readonly key: Pem;
  readonly clientCa: Pem | undefined;
  readonly clientAuth: ClientAuthType;
  /** Undefined: any. */
  readonly allowedSans: ReadonlySet<string> | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** By OpenSSL's names. */
  readonly suites: readonly string[];
  readonly preferOwnSuites: boolean;
  readonly curves: readonly string[] | undefined;
}

/** A web configuration, checked. */
export interface WebSettings {
  readonly tls: TlsSettings | undefined;
  readonly http2: boolean;
  readonly headers: { readonly [name: string]: string };
  readonly users: ReadonlyMap<string, string>;
  /** SHA-256 digests. */
  readonly tokens: readonly Uint8Array[];
  readonly rateLimit: { readonly intervalMs: number; readonly burst: number } | undefined;
  readonly openPaths: ReadonlySet<string>;
  readonly realm: string | undefined;
  /** What works, but not as its author may believe. */
  readonly warnings: readonly string[];
}
