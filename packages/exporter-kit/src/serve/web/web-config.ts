/**
 * TLS, authentication and rate limits: the content of `--web.config.file` as an object. Keys and meanings are those of
 * Prometheus' exporter-toolkit, so files for Go exporters work here; the last three are this kit's own.
 * Source: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
export interface WebConfig {
  /** If set, everything is served over TLS only. */
  readonly tls_server_config?: WebTlsConfig;
  readonly http_server_config?: {
    /** Default false, unlike in Go. Only over TLS. */
    readonly http2?: boolean;
    /** Added to each response. */
    readonly headers?: { readonly [name in WebHeader]?: string };
  };
  /** bcrypt hashes of passwords, by user. */
  readonly basic_auth_users?: { readonly [user: string]: string };
  /** For each client (an IPv4 address, or an IPv6 /64): `burst` requests, refilled by one each `interval`. */
  readonly rate_limit?: {
    /** Such as `1s`; `0` for no limit. */
    readonly interval?: string;
    readonly burst?: number;
  };
  /** SHA-256 of tokens in hex, by any name; several, so that tokens can be rotated. */
  readonly bearer_tokens?: { readonly [name: string]: string };
  /** Paths that need no password or token; default `/-/healthy` and `/-/ready`. */
  readonly open_paths?: readonly string[];
  /** Realm of the password dialog; default: the exporter's name. */
  readonly realm?: string;
}

/** Headers that the configuration may set. */
export type WebHeader =
  | 'Content-Security-Policy'
  | 'Strict-Transport-Security'
  | 'X-Content-Type-Options'
  | 'X-Frame-Options'
  | 'X-XSS-Protection';

/** Whether clients need a certificate; names of Go's crypto/tls. */
export type ClientAuthType =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'RequireClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

/** TLS settings of {@link WebConfig}. Files are reloaded when they change. */
export interface WebTlsConfig {
  /** The server's certificate: a PEM file, or the PEM text. */
  readonly cert_file?: string;
  readonly cert?: string;
  readonly key_file?: string;
  readonly key?: string;
  /** Authorities of client certificates. */
  readonly client_ca_file?: string;
  readonly client_ca?: string;
  /** Default `NoClientCert`. */
  readonly client_auth_type?: ClientAuthType;
  /** DNS names, IP addresses, e-mail addresses or URIs; a client certificate must have one of them, exactly. */
  readonly client_allowed_sans?: readonly string[];
  /** Default and minimum: `TLS12`. */
  readonly min_version?: 'TLS10' | 'TLS11' | 'TLS12' | 'TLS13';
  readonly max_version?: 'TLS12' | 'TLS13';
  /** For TLS 1.2, by Go's names, such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`. */
  readonly cipher_suites?: readonly string[];
  /** Default true. */
  readonly prefer_server_cipher_suites?: boolean;
  /** `CurveP256`, `CurveP384`, `CurveP521`, `X25519`; the first is preferred. */
  readonly curve_preferences?: readonly string[];
}
