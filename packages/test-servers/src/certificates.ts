import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locatePeer } from './find.ts';
import { runProgram } from './program.ts';

/** A certificate and its key, as paths of PEM files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority for tests, and certificates that it signed. */
export interface Certificates {
  /** Path of the authority's certificate. */
  readonly ca: string;
  /** For 127.0.0.1 and localhost. */
  readonly server: Certificate;
  /** For a server called `elsewhere.example`. */
  readonly elsewhere: Certificate;
  readonly client: Certificate;
  /** For 127.0.0.1, self-signed. */
  readonly selfSigned: Certificate;
  /** Deletes the files. */
  remove(): Promise<void>;
}

/** Creates certificates with openssl, valid for a day or more. Takes about 100 ms; guard with `needPeers('openssl')`. */
export async function makeCertificates({ days = 1 }: { readonly days?: number } = {}): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  const here = 'subjectAltName=IP:127.0.0.1,DNS:localhost';
  async function make(name: string, flags: readonly string[]): Promise<Certificate> {
    const made = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
    const files = ['-keyout', made.key, '-out', made.cert];
    const { code, stderr } = await runProgram(
      ['req', '-x509', '-days', String(days), '-subj', `/CN=${name}`, ...curve, ...files, ...flags],
      { command: locatePeer('openssl') },
    );
    if (code !== 0) throw new Error(`openssl could not create certificate ${name} (version 3 is needed):\n${stderr}`);
    return made;
  }
  const ca = await make('authority', []);
  const leaf = ['-CA', ca.cert, '-CAkey', ca.key, '-addext', 'basicConstraints=critical,CA:false', '-addext'];
  const [server, elsewhere, client, selfSigned] = await Promise.all([
    make('server', [...leaf, here]),
    make('elsewhere', [...leaf, 'subjectAltName=DNS:elsewhere.example']),
    make('client', [...leaf, 'extendedKeyUsage=clientAuth']),
    make('stranger', ['-addext', here]),
  ]);
  return { ca: ca.cert, server, elsewhere, client, selfSigned, remove: () => rm(folder, { recursive: true }) };
}
