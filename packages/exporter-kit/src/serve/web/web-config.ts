/**
 * How an exporter is protected: the file that `--web.config.file` names, as an object. Keys and meanings are those of
 * Prometheus' exporter-toolkit, so that a file for a Go exporter works here; the last three are this kit's own.
 * Source: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
export interface WebConfig {
  /** With it, all is served over TLS, and nothing in the clear. */
  readonly tls_server_config?: WebTlsConfig;
  readonly http_server_config?: {
    /** Default false, other than in Go. Only over TLS. */
    readonly http2?: boolean;
    /** Sent with each answer. */
    readonly headers?: { readonly [name in WebHeader]?: string };
  };
  /** Passwords by user, hashed with bcrypt. */
  readonly basic_auth_users?: { readonly [user: string]: string };
  /** For each client (an IPv4 address, or a /64 of IPv6): a bucket of `burst` requests, and one more each `interval`. */
  readonly rate_limit?: {
    /** Such as `1s`; `0` for no limit. */
    readonly interval?: string;
    readonly burst?: number;
  };
  /** SHA-256 of tokens in hex, by a name for each: during a rotation, the old and the new one. */
  readonly bearer_tokens?: { readonly [name: string]: string };
  /** Paths that need no password or token; default `/-/healthy` and `/-/ready`. */
  readonly open_paths?: readonly string[];
  /** What a browser shows when it asks for a password; default the exporter's name. */
  readonly realm?: string;
}

/** Headers that the operator may set. */
export type WebHeader =
  | 'Content-Security-Policy'
  | 'Strict-Transport-Security'
  | 'X-Content-Type-Options'
  | 'X-Frame-Options'
  | 'X-XSS-Protection';

/** What clients' certificates are for; the names of Go's crypto/tls. */
export type ClientAuthType =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'RequireClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

/** The part of {@link WebConfig} about TLS. Files are read again when they change. */
export interface WebTlsConfig {
  /** The server's certificate: a PEM file, or the PEM text. */
  readonly cert_file?: string;
  readonly cert?: string;
  readonly key_file?: string;
  readonly key?: string;
  /** The authorities that sign clients' certificates. */
  readonly client_ca_file?: string;
  readonly client_ca?: string;
  /** Default `NoClientCert`. */
  readonly client_auth_type?: ClientAuthType;
  /** DNS names, IP addresses, e-mail addresses or URIs, of which a client's certificate must have one, exactly. */
  readonly client_allowed_sans?: readonly string[];
  /** Default `TLS12`, which is also the least. */
  readonly min_version?: 'TLS10' | 'TLS11' | 'TLS12' | 'TLS13';
  readonly max_version?: 'TLS12' | 'TLS13';
  /** For TLS 1.2, by the names Go has, such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`. */
  readonly cipher_suites?: readonly string[];
  /** Default true. */
  readonly prefer_server_cipher_suites?: boolean;
  /** `CurveP256`, `CurveP384`, `CurveP521`, `X25519`; the first is preferred. */
  readonly curve_preferences?: readonly string[];
}
