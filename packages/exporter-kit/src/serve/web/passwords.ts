import { Buffer } from 'node:buffer';
import { createHmac, randomBytes } from 'node:crypto';
import { loadNative } from '../../errors/native.ts';

/** A login attempt with HTTP basic authentication. */
export interface LoginAttempt {
  readonly user: string;
  readonly password: Uint8Array;
  /** The client's address; addresses take turns. */
  readonly from: string;
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
}

/** Checks passwords against their hashes. */
export interface Passwords {
  /** `busy`: too many attempts are waiting. */
  check(claim: LoginAttempt, users: ReadonlyMap<string, string>): Promise<boolean | 'busy'>;
}

const MOST_REMEMBERED = 100;
const MOST_WAITING = 100;

/** Compares a password with a hash. May be slow, but must not block the event loop. */
export type Compare = (password: Uint8Array, hash: string) => Promise<boolean>;

/** Loads the bcrypt module. @throws Error if it or its native part is not installed. */
export const loadBcrypt = (): Promise<typeof import('@node-rs/bcrypt')> =>
  loadNative('@node-rs/bcrypt', () => import('@node-rs/bcrypt'));

async function bcrypt(password: Uint8Array, hash: string): Promise<boolean> {
  const { verify } = await loadBcrypt();
  return verify(password, hash);
}

/**
 * Compares one password at a time, in a thread of the pool, since bcrypt is slow by design. The last hundred correct ones
 * are cached under a keyed digest of user, hash and password. Wrong ones are not: a flood of them would evict the correct
 * ones. Unknown users take as long as known ones.
 */
export function passwords(compare: Compare = bcrypt): Passwords {
  const secret = randomBytes(32);
  const right = new Set<string>();
  const pending = new Map<string, Promise<boolean | 'busy'>>();
  const turns = takingTurns(MOST_WAITING);

  async function compared(
    key: string,
    hash: string,
    { password, from, signal }: LoginAttempt,
  ): Promise<boolean | 'busy'> {
    const equal = await turns(from, signal, () => compare(password, hash));
    if (equal !== true) return equal ?? 'busy';
    right.add(key);
    const [oldest] = right;
    if (right.size > MOST_REMEMBERED) right.delete(oldest!);
    return true;
  }

  return {
    async check(claim, users) {
      const { user, password } = claim;
      const known = users.get(user);
      const hash = known ?? decoy(users);
      // JSON keeps the parts unambiguous.
      const parts = JSON.stringify([user, hash, Buffer.from(password).toString('hex')]);
      const key = createHmac('sha256', secret).update(parts).digest('base64');
      if (right.has(key)) {
        // Moves it to the end: the oldest is evicted first.
        right.delete(key);
        right.add(key);
        return known !== undefined;
      }
      // Identical concurrent attempts share one comparison, even if the client that started it has disconnected.
      for (let other = pending.get(key); other !== undefined; other = pending.get(key)) {
        const equal = await other;
        if (equal !== 'busy') return equal && known !== undefined;
      }
      const answer = compared(key, hash, claim).finally(() => pending.delete(key));
      pending.set(key, answer);
      const equal = await answer;
      return equal === 'busy' ? 'busy' : equal && known !== undefined;
    },
  };
}

/** A hash as slow as the slowest user's, that no known password matches. */
function decoy(users: ReadonlyMap<string, string>): string {
  const costs = [...users.values()].map((hash) => hash.slice(4, 6)).sort();
  return `$2b$${costs.at(-1) ?? '10'}$${'.'.repeat(21)}u${'z'.repeat(31)}`;
}

/**
 * Returns a function that does one piece of work at a time. Addresses take turns, so that a busy one does not delay the
 * others. The result is `undefined`, without doing the work, for clients that have disconnected and, when too many wait,
 * for the newest attempt of the address with the most.
 */
function takingTurns(most: number) {
  interface Waiting {
    start(): void;
    drop(): void;
    readonly signal: AbortSignal;
  }
  const lines = new Map<string, Waiting[]>();
  let waiting = 0;
  let busy = false;

  function next(): void {
    busy = false;
    for (;;) {
      const [first] = lines;
      if (first === undefined) return;
      const [from, line] = first;
      const one = line.shift()!;
      waiting--;
      // To the end of the queue.
      lines.delete(from);
      if (line.length > 0) lines.set(from, line);
      if (one.signal.aborted) {
        one.drop();
        continue;
      }
      busy = true;
      one.start();
      return;
    }
  }

  function dropOne(): void {
    const [longest] = [...lines.values()].sort((a, b) => b.length - a.length);
    longest?.pop()?.drop();
    waiting--;
    for (const [from, line] of lines) if (line.length === 0) lines.delete(from);
  }

  return <T>(from: string, signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      const line = lines.get(from) ?? [];
      lines.set(from, line);
      line.push({
        signal,
        start: () => void work().then(resolve, reject).finally(next),
        drop: () => resolve(undefined),
      });
      waiting++;
      if (waiting > most) dropOne();
      if (!busy) next();
    });
}
