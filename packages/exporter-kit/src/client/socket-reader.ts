import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';

/** Reads the bytes of a connection; its errors reject the reads. */
export interface SocketReader {
  /** The next bytes, at most `most`; `undefined` at the end. */
  some(most: number): Promise<Buffer | undefined>;
  /**
   * The next line as Latin-1, without its LF or CRLF.
   *
   * @throws Error if it is longer than `most`, or truncated.
   */
  line(most: number): Promise<string>;
  /** Whether these bytes come next; resolves at the first difference. */
  begins(text: string): Promise<boolean>;
  /** Stops reading, so that the socket can be used otherwise. @returns whether all bytes read were consumed. */
  release(): Promise<boolean>;
}

/** The error for a truncated response; its code marks it as a network failure. */
export function truncated(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

const LF = 10;

export function socketReader(socket: Readable): SocketReader {
  const parts = socket.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  let kept: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const { value, done } = await parts.next();
    if (done) return false;
    kept = kept.length === 0 ? value : Buffer.concat([kept, value]);
    return true;
  }

  return {
    async some(most) {
      if (kept.length === 0 && !(await more())) return undefined;
      const taken = kept.subarray(0, most);
      kept = kept.subarray(taken.length);
      return taken;
    },
    async line(most) {
      const pieces: Buffer[] = [];
      for (let size = 0; ; ) {
        const at = kept.indexOf(LF);
        const piece = kept.subarray(0, at < 0 ? kept.length : at);
        size += piece.length;
        if (size > most) throw new Error('the headers of the response are too long');
        pieces.push(piece);
        kept = kept.subarray(at < 0 ? kept.length : at + 1);
        if (at >= 0) break;
        if (!(await more())) throw truncated('the connection was closed before the response was complete');
      }
      const text = Buffer.concat(pieces).toString('latin1');
      let end = text.length;
      while (text[end - 1] === '\r') end--;
      return text.slice(0, end);
    },
    async begins(text) {
      while (kept.length < text.length && text.startsWith(kept.toString('latin1'))) {
        if (!(await more())) break;
      }
      if (kept.length === 0) throw truncated('the connection was closed without a response');
      return kept.toString('latin1', 0, text.length) === text;
    },
    async release() {
      await parts.return?.();
      return kept.length === 0;
    },
  };
}
