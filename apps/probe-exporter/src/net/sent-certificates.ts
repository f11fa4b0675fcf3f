import { createDecipheriv, createHmac, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

// More than a handshake with a hundred certificates.
const MOST_BYTES = 512 * 1024;

/** A connection that records the server's side of the TLS handshake. */
export interface Tap {
  /** To use as the socket of a TLS connection. */
  readonly stream: Duplex;
  /** Stops recording. Returns all certificates that the server sent, in its order; `undefined` if they can't be read. */
  certificates(secure: TLSSocket): X509Certificate[] | undefined;
}

/**
 * Records a handshake. Node exposes the chain it verified, but not other certificates that the server sent; so the Certificate
 * message is read here: in plain text up to TLS 1.2, decrypted with the handshake's key in TLS 1.3.
 * Sources: RFC 5246, section 7.4.2; RFC 8446, sections 4.4.2, 5.2 and 7.3.
 */
export function tap(socket: Socket): Tap {
  const heard: Buffer[] = [];
  let size = 0;
  let listening = true;
  socket.on('data', (part: Buffer) => {
    if (listening) size += part.length;
    if (listening && size <= MOST_BYTES) heard.push(part);
    if (!stream.push(part)) socket.pause();
  });
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (part, _encoding, done) => void socket.write(part, done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.once('end', () => stream.push(null));
  socket.once('error', (error) => stream.destroy(error));
  socket.once('close', () => stream.destroy());
  return {
    stream,
    certificates(secure) {
      listening = false;
      if (size > MOST_BYTES) return undefined;
      try {
        return read(Buffer.concat(heard.splice(0)), secure.getCipher().standardName, secrets.get(secure));
      } catch {
        // Not a handshake we can read; the caller falls back to Node's chain.
        return undefined;
      }
    },
  };
}

const secrets = new WeakMap<TLSSocket, Buffer>();

/** Keeps the key of a TLS 1.3 handshake. Call it before the handshake begins. */
export function listenForSecret(secure: TLSSocket): void {
  secure.on('keylog', (line) => {
    const [label, , secret] = line.toString('latin1').trim().split(' ');
    if (label === 'SERVER_HANDSHAKE_TRAFFIC_SECRET') secrets.set(secure, Buffer.from(secret!, 'hex'));
  });
}

const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

function read(bytes: Buffer, cipher: string, secret: Buffer | undefined): X509Certificate[] | undefined {
  const decrypt = secret && decrypter(cipher, secret);
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const header = bytes.subarray(at, at + 5);
    const end = at + 5 + header.readUInt16BE(3);
    if (end > bytes.length) break;
    const record = bytes.subarray(at + 5, end);
    if (header[0] === HANDSHAKE) messages.push(record);
    if (header[0] === APPLICATION_DATA && decrypt) {
      const plain = decrypt(header, record);
      // The record's type may be followed by zeros as padding.
      let last = plain.length - 1;
      while (plain[last] === 0) last--;
      if (plain[last] === HANDSHAKE) messages.push(plain.subarray(0, last));
    }
    const found = certificateMessage(Buffer.concat(messages));
    if (found !== undefined) return listed(found, secret !== undefined);
    at = end;
  }
  return undefined;
}

/** The body of the Certificate message, once complete. */
function certificateMessage(messages: Buffer): Buffer | undefined {
  const CERTIFICATE = 11;
  for (let at = 0; at + 4 <= messages.length; ) {
    const end = at + 4 + messages.readUIntBE(at + 1, 3);
    if (end > messages.length) return undefined;
    if (messages[at] === CERTIFICATE) return messages.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

function listed(body: Buffer, inTls13: boolean): X509Certificate[] {
  const found: X509Certificate[] = [];
  // TLS 1.3 has a context before the list, and extensions after each certificate.
  let at = inTls13 ? 1 + body[0]! : 0;
  for (at += 3; at < body.length; ) {
    const end = at + 3 + body.readUIntBE(at, 3);
    found.push(new X509Certificate(body.subarray(at + 3, end)));
    at = inTls13 ? end + 2 + body.readUInt16BE(end) : end;
  }
  return found;
}

/** Returns a function that decrypts the server's records, in order. */
function decrypter(cipher: string, secret: Buffer): (header: Buffer, record: Buffer) => Buffer {
  const hash = cipher.endsWith('SHA384') ? 'sha384' : 'sha256';
  const [algorithm, keyBytes] = cipher.includes('CHACHA20')
    ? (['chacha20-poly1305', 32] as const)
    : cipher.includes('AES_256')
      ? (['aes-256-gcm', 32] as const)
      : (['aes-128-gcm', 16] as const);
  const expand = (label: string, length: number): Buffer => {
    const name = Buffer.from(`tls13 ${label}`);
    const info = Buffer.from([length >> 8, length & 0xff, name.length, ...name, 0, 1]);
    return createHmac(hash, secret).update(info).digest().subarray(0, length);
  };
  const [key, iv] = [expand('key', keyBytes), expand('iv', 12)];
  let sequence = 0;
  return (header, record) => {
    const nonce = Buffer.from(iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence++) >>> 0, 8);
    const opened = createDecipheriv(algorithm as 'aes-128-gcm', key, nonce, { authTagLength: 16 });
    opened.setAAD(header, { plaintextLength: record.length - 16 });
    opened.setAuthTag(record.subarray(-16));
    return Buffer.concat([opened.update(record.subarray(0, -16)), opened.final()]);
  };
}
