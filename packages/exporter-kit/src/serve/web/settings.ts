import type { ClientAuthType } from './web-config.ts';

/** PEM text, or a file with it. */
export type Pem = { readonly text: string } | { readonly file: string };

/** Validated TLS settings; their files are not read yet. */
export interface TlsSettings {
  readonly cert: Pem;
  readonly key: Pem;
  readonly clientCa: Pem | undefined;
  readonly clientAuth: ClientAuthType;
  /** `undefined`: any. */
  readonly allowedSans: ReadonlySet<string> | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's names. */
  readonly suites: readonly string[];
  readonly preferOwnSuites: boolean;
  readonly curves: readonly string[] | undefined;
}

/** A validated web configuration. */
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
  /** Warnings about valid settings that may surprise. */
  readonly warnings: readonly string[];
}
