import { mkdtempSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hashSync } from '@node-rs/bcrypt';
import { type Certificates, findPeer, makeCertificates, runProgram } from 'test-servers';

const folder = mkdtempSync(join(tmpdir(), 'web-config-'));
let files = 0;

/** Writes a file of the test's own; gives its path. */
export function fileOf(text: string, name = `web-${files++}.yml`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The password of all users in tests, and its hash, as cheap as it can be. */
export const PASSWORD = 'correct horse';
export const HASH: string = hashSync(PASSWORD, 4);

/** What is needed to be, or to talk to, a server with TLS. */
export interface Pki extends Certificates {
  /** The authority, read. */
  readonly authority: string;
  /** A client's certificate with these names, such as `DNS:scraper.example`, read. */
  signed(names: string): Promise<{ readonly cert: string; readonly key: string }>;
}

/** Certificates of the test file's own. */
export async function pki(): Promise<Pki> {
  const made = await makeCertificates();
  let count = 0;
  async function signed(names: string): Promise<{ cert: string; key: string }> {
    const path = join(folder, `client-${count++}`);
    const ca = ['-CA', made.ca, '-CAkey', join(dirname(made.ca), 'authority.key')];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', `${path}.key`];
    const flags = ['req', '-x509', '-days', '1', '-subj', '/CN=client', ...key, ...ca, '-out', `${path}.pem`];
    const { code, stderr } = await runProgram([...flags, '-addext', `subjectAltName=${names}`], {
      command: findPeer('openssl')!,
    });
    if (code !== 0) throw new Error(stderr);
    return { cert: await readFile(`${path}.pem`, 'utf8'), key: await readFile(`${path}.key`, 'utf8') };
  }
  return { ...made, authority: await readFile(made.ca, 'utf8'), signed };
}
