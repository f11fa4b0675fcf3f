import type { Socket } from 'node:net';
import type { Logger } from 'exporter-kit';
import type { Regexp, RegexpMatch } from 'exporter-kit/regexp';
import type { Step } from './config.ts';
import { type Received, receive } from './received.ts';

/** The state of a dialogue. */
export interface Dialogue {
  socket: Socket;
  /** Set if an expectation failed. */
  failed: 'regex' | 'bytes' | undefined;
}

/** What the steps of a dialogue use. */
export interface DialogueContext {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Upgrades the connection to TLS. */
  startTls(socket: Socket): Promise<Socket>;
  /** Receives the labels of a step that matched. */
  addLabels(labels: { readonly [name: string]: string }): void;
}

/** Runs the steps in order. @throws Error if an expectation fails, or the connection does. */
export async function hold(dialogue: Dialogue, steps: readonly Step[], context: DialogueContext): Promise<void> {
  const { signal, log } = context;
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
        throw new Error('received other bytes than expected');
      }
    }
    if (labels !== undefined && match !== undefined) {
      const found = match;
      context.addLabels(Object.fromEntries(labels.map(({ name, value }) => [name, expanded(value, found)])));
    }
    if (send !== undefined) {
      log.debug({}, 'sending');
      dialogue.socket.write(`${expanded(send, match)}\n`);
    }
    if (starttls) {
      dialogue.socket = await context.startTls(dialogue.socket);
      received = receive(dialogue.socket, signal);
      log.debug({}, 'TLS started');
    }
  }
}

/** Reads lines until one matches; `undefined` if the connection ends first. */
async function matchingLine(received: Received, expect: Regexp, log: Logger): Promise<RegexpMatch | undefined> {
  for (;;) {
    const line = await received.line();
    if (line === undefined) return undefined;
    log.debug({ line }, 'received');
    const match = expect.match(line);
    if (match !== undefined) return match;
  }
}

/** Expands `$1`, `${1}` and `${name}` to the groups of a match, and `$$` to `$`, by Go's rules. */
function expanded(text: string, match: RegexpMatch | undefined): string {
  if (match === undefined) return text;
  return text.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (_, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return '$';
    return match.group(/^\d+$/.test(name) ? Number(name) : name);
  });
}
