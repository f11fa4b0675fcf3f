import { createDecipheriv, createHmac, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

// A handshake with a hundred certificates is shorter.
const MOST_BYTES = 512 * 1024;

/** A connection that remembers what the server sends before TLS is up. */
export interface Tap {
  /** What TLS is to be spoken over. */
  readonly stream: Duplex;
  /** Ends the remembering. All certificates the server sent, in its order; `undefined` when they can't be told. */
  certificates(secure: TLSSocket): X509Certificate[] | undefined;
}

/**
 * Listens to a handshake. Node tells the chain it has verified, and not what a server sent beside that; so the Certificate
 * message is read here: in plain sight up to TLS 1.2, decrypted by the handshake's own key in TLS 1.3.
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
        // A handshake of another kind: what Node tells of it has to do.
        return undefined;
      }
    },
  };
}

const secrets = new WeakMap<TLSSocket, Buffer>();

/** Lets a TLS 1.3 handshake be read; to be called before it begins. */
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
      // Padding of zeros may follow the record's real type.
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

/** The body of the Certificate message, once it is there as a whole. */
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
  // TLS 1.3 has a context before the list, and extensions behind each certificate.
  let at = inTls13 ? 1 + body[0]! : 0;
  for (at += 3; at < body.length; ) {
    const end = at + 3 + body.readUIntBE(at, 3);
    found.push(new X509Certificate(body.subarray(at + 3, end)));
    at = inTls13 ? end + 2 + body.readUInt16BE(end) : end;
  }
  return found;
}

/** Opens the server's records, one after the other. */
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
