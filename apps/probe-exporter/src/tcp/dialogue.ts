import type { Socket } from 'node:net';
import type { Logger } from 'exporter-kit';
import type { Regexp, RegexpMatch } from 'exporter-kit/regexp';
import type { Step } from './config.ts';
import { type Received, receive } from './received.ts';

/** A dialogue under way. */
export interface Dialogue {
  socket: Socket;
  /** What made it fail, if it was this. */
  failed: 'regex' | 'bytes' | undefined;
}

/** What a dialogue needs of those who hold it. */
export interface Ways {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Goes on over TLS. */
  startTls(socket: Socket): Promise<Socket>;
  /** Told what the other side said, as the step names it. */
  learnt(labels: { readonly [name: string]: string }): void;
}

/** Does the steps of a dialogue one after the other. @throws Error when the other side says something else, or nothing. */
export async function hold(dialogue: Dialogue, steps: readonly Step[], ways: Ways): Promise<void> {
  const { signal, log } = ways;
  let received = receive(dialogue.socket, signal);
  for (const { expect, expect_bytes, labels, send, starttls } of steps) {
    let match: RegexpMatch | undefined;
    if (expect !== undefined) {
      match = await matchingLine(received, expect, log);
      if (match === undefined) {
        dialogue.failed = 'regex';
        throw new Error(`no line matches ${expect}`);
      }
    }
    if (expect_bytes !== undefined) {
      const wanted = Buffer.from(expect_bytes);
      if (!wanted.equals(await received.bytes(wanted.length))) {
        dialogue.failed = 'bytes';
        throw new Error('other bytes came than expected');
      }
    }
    if (labels !== undefined && match !== undefined) {
      const found = match;
      ways.learnt(Object.fromEntries(labels.map(({ name, value }) => [name, expanded(value, found)])));
    }
    if (send !== undefined) {
      log.debug({}, 'sending');
      dialogue.socket.write(`${expanded(send, match)}\n`);
    }
    if (starttls) {
      dialogue.socket = await ways.startTls(dialogue.socket);
      received = receive(dialogue.socket, signal);
      log.debug({}, 'TLS started');
    }
  }
}

/** Reads lines until one matches; `undefined` when the other side ends before. */
async function matchingLine(received: Received, expect: Regexp, log: Logger): Promise<RegexpMatch | undefined> {
  for (;;) {
    const line = await received.line();
    if (line === undefined) return undefined;
    log.debug({ line }, 'received');
    const match = expect.match(line);
    if (match !== undefined) return match;
  }
}

/** A text with `$1`, `${1}` and `${name}` as a match has them, and `$$` as `$`: Go's rules. */
function expanded(text: string, match: RegexpMatch | undefined): string {
  if (match === undefined) return text;
  return text.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (_, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return '$';
    return match.group(/^\d+$/.test(name) ? Number(name) : name);
  });
}
