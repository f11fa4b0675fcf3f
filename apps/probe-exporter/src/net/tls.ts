import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { z } from 'exporter-kit/config';
import { listenForSecret, tap } from './sent-certificates.ts';

/** A string that is masked wherever the configuration is shown. */
export const secret: z.ZodString = z.string().meta({ secret: true });

const version = z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']);
const versions = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

/** `tls_config`, with blackbox_exporter's keys. Files are read again for each probe. */
export const tlsConfig = z.strictObject({
  insecure_skip_verify: z.boolean().default(false),
  ca: z.string().optional(),
  ca_file: z.string().optional(),
  cert: z.string().optional(),
  cert_file: z.string().optional(),
  key: secret.optional(),
  key_file: z.string().optional(),
  server_name: z.string().optional(),
  min_version: version.optional(),
  max_version: version.optional(),
});

export type TlsConfig = z.infer<typeof tlsConfig>;

/** Upgrades a connection to TLS. @throws Error if the handshake fails, or the certificate is not accepted. */
export async function startTls(
  socket: Socket,
  host: string,
  config: TlsConfig,
  signal: AbortSignal,
  protocols: readonly string[] = [],
): Promise<TLSSocket> {
  const { server_name: name = host, insecure_skip_verify: insecure, min_version: min, max_version: max } = config;
  const ca = await contentOf(config.ca, config.ca_file);
  const heard = tap(socket);
  const options: ConnectionOptions = {
    socket: heard.stream,
    host: name,
    // An address is not a valid server name.
    servername: isIP(name) === 0 ? name : '',
    rejectUnauthorized: !insecure,
    ...(protocols.length === 0 ? {} : { ALPNProtocols: [...protocols] }),
    ...(min === undefined ? {} : { minVersion: versions[min] }),
    ...(max === undefined ? {} : { maxVersion: versions[max] }),
    ...given('ca', ca),
    ...given('cert', await contentOf(config.cert, config.cert_file)),
    ...given('key', await contentOf(config.key, config.key_file)),
  };
  const secure = connect(options);
  listenForSecret(secure);
  // Reads report errors; one between reads would be unhandled.
  secure.on('error', () => {});
  await once(secure, 'secureConnect', { signal });
  handshakes.set(secure, { sent: heard.certificates(secure), trusted: ca });
  return secure;
}

/** Certificates of a handshake. */
export interface Handshake {
  /** All certificates that the server sent, its own first; `undefined` if they could not be read. */
  readonly sent: readonly X509Certificate[] | undefined;
  /** The module's trusted roots, in PEM; `undefined` for Node's. */
  readonly trusted: string | undefined;
}

const handshakes = new WeakMap<TLSSocket, Handshake>();

/** The handshake of a connection that {@link startTls} returned. */
export const handshakeOf = (secure: TLSSocket): Handshake | undefined => handshakes.get(secure);

const given = <K extends string>(key: K, value: string | undefined): { [key in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { [key in K]: string });

/** A value of the configuration, or the content of the file that it names. */
export async function contentOf(written: string | undefined, file: string | undefined): Promise<string | undefined> {
  return written ?? (file === undefined ? undefined : await readFile(file, 'utf8'));
}
