import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { makeCertificates } from './certificates.ts';
import { needPeers } from './need.ts';

describe.skipIf(!needPeers('openssl'))('makeCertificates', () => {
  it('signs all certificates but the self-signed one', async () => {
    const made = await makeCertificates();
    const read = async (file: string): Promise<X509Certificate> => new X509Certificate(await readFile(file));
    const ca = await read(made.ca);
    for (const { cert } of [made.server, made.elsewhere, made.client]) {
      expect((await read(cert)).verify(ca.publicKey)).toBe(true);
    }
    expect((await read(made.selfSigned.cert)).verify(ca.publicKey)).toBe(false);
    expect((await read(made.server.cert)).checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect((await read(made.elsewhere.cert)).checkIP('127.0.0.1')).toBeUndefined();
    await made.remove();
    await expect(read(made.ca)).rejects.toThrow('ENOENT');
  });
});
