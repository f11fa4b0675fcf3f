/** What one reply may be at most, and all replies of a scrape together. */
export interface ReplyLimits {
  readonly bytes: number;
  /** Elements of its lists, those of lists in lists included. */
  readonly elements: number;
  /** Lists in lists. */
  readonly depth: number;
  /** Bytes of a line: a number, a status or an error. */
  readonly line: number;
  readonly together: { readonly bytes: number; readonly elements: number };
}

/** Follows what a server sends. */
export interface ReplyGuard {
  /** @throws Error before a reply takes more memory than it may. Nothing may follow what it has thrown for. */
  check(chunk: Uint8Array): void;
  /** A scrape begins: what comes from now on is counted together, from zero. */
  restart(): void;
}

// CLIENT LIST of 65,000 clients is 26 MB; a step of SCAN names 100,000 keys, if that is how many it may look at.
const LIMITS: ReplyLimits = {
  bytes: 32 << 20,
  elements: 1_000_000,
  depth: 32,
  line: 64 << 10,
  // The server decides how often SCAN goes on. Groups of ten million keys are five million elements.
  together: { bytes: 128 << 20, elements: 10_000_000 },
};

const [CR, LF, MINUS, ZERO] = [13, 10, 45, 48];
const TEXT = 36; // $
const LIST = 42; // *
const LINES: ReadonlySet<number> = new Set([43, 45, 58]); // + - :

/**
 * Follows replies in RESP 2: the driver has no limits, and makes room for as many elements as a list announces. Hand it all that
 * arrives.
 */
export function replyGuard(limits: ReplyLimits = LIMITS): ReplyGuard {
  let type: number | undefined; // of the line that is being read
  let length = 0; // what a text or a list says of itself
  let lineBytes = 0;
  let isNull = false;
  let expectsLf = false;
  let skip = 0; // what is left of a text
  let [bytes, elements] = [0, 0]; // of the reply so far
  const together = { bytes: 0, elements: 0 };
  const lists: number[] = []; // how many elements each open list still lacks

  function valueEnded(): void {
    while (lists.length > 0) {
      if (--lists[lists.length - 1]! > 0) return;
      lists.pop();
    }
  }

  function lineEnded(): void {
    const ended = type;
    type = undefined;
    if (ended === TEXT && !isNull) {
      if (bytes + length > limits.bytes) throw tooLarge('bytes', limits.bytes);
      skip = length + 2;
    } else if (ended === LIST && !isNull && length > 0) {
      elements += length;
      together.elements += length;
      if (elements > limits.elements) throw tooLarge('elements', limits.elements);
      if (together.elements > limits.together.elements) throw tooMuch('elements', limits.together.elements);
      if (lists.push(length) > limits.depth) throw tooLarge('lists in lists', limits.depth);
    } else valueEnded();
  }

  function lengthByte(byte: number): void {
    if (byte === MINUS && lineBytes === 0) isNull = true;
    else if (byte >= ZERO && byte < ZERO + 10) length = length * 10 + byte - ZERO;
    else throw new SyntaxError(`a length has the byte ${byte}`);
    // More digits would be more than any limit, and -1 is the only negative number.
    if (++lineBytes > 12 || (isNull && length > 1)) throw new SyntaxError('a length is out of range');
  }

  /** Follows a line from a position, up to its CR; returns where it got. */
  function line(chunk: Uint8Array, from: number): number {
    let at = from;
    if (type === TEXT || type === LIST) while (at < chunk.length && chunk[at] !== CR) lengthByte(chunk[at++]!);
    else {
      while (at < chunk.length && chunk[at] !== CR) at++;
      lineBytes += at - from;
      if (lineBytes > limits.line) throw tooLarge('bytes in a line', limits.line);
    }
    return at;
  }

  function next(chunk: Uint8Array, at: number): number {
    if (skip > 0) {
      const here = Math.min(skip, chunk.length - at);
      skip -= here;
      if (skip === 0) valueEnded();
      return at + here;
    }
    const byte = chunk[at]!;
    if (type === undefined) {
      if (byte !== TEXT && byte !== LIST && !LINES.has(byte)) throw new SyntaxError(`a reply begins with byte ${byte}`);
      type = byte;
      length = lineBytes = 0;
      isNull = false;
    } else if (expectsLf) {
      if (byte !== LF) throw new SyntaxError('a line ends with CR alone');
      expectsLf = false;
      lineEnded();
    } else if (byte === CR) expectsLf = true;
    else return line(chunk, at);
    return at + 1;
  }

  return {
    check(chunk) {
      together.bytes += chunk.length;
      if (together.bytes > limits.together.bytes) throw tooMuch('bytes', limits.together.bytes);
      for (let at = 0; at < chunk.length; ) {
        const after = next(chunk, at);
        bytes += after - at;
        if (bytes > limits.bytes) throw tooLarge('bytes', limits.bytes);
        if (type === undefined && skip === 0 && lists.length === 0) bytes = elements = 0;
        at = after;
      }
    },
    restart() {
      together.bytes = together.elements = 0;
    },
  };
}

const tooLarge = (what: string, limit: number): Error =>
  new Error(`a reply of the server has more than ${grouped(limit)} ${what}; the connection is closed`);

const tooMuch = (what: string, limit: number): Error =>
  new Error(`the replies of this scrape have more than ${grouped(limit)} ${what} together; the connection is closed`);

/** `1,000,000`. Without `Intl`, whose tables take 9 MB as soon as they are used. */
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
