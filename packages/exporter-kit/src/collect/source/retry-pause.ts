import { property } from '../../errors/thrown.ts';

const brand = 'exporter-kit/denied';

/**
 * Ends `open` or `read` as "credentials or permissions are wrong". The next try waits 60 s, or until the target's settings or
 * secret files change, so that accounts are not locked out.
 *
 * @example
 * if (error.code === 'WRONGPASS') denied('wrong password');
 */
export function denied(reason: string): never {
  throw Object.assign(new Error(reason), { name: 'Denied', [brand]: true });
}

/** Whether an error comes from {@link denied}, of this or another copy of the kit. */
export function isDenied(error: unknown): boolean {
  return property(error, brand) === true;
}

const FIRST_MS = 500;
const LONGEST_MS = 8000;
const DENIED_MS = 60_000;

/** How long a target is left alone after `open` has failed: 0.5, 1, 2, 4, then 8 s; 60 s if denied. */
export interface RetryPause {
  failed(error: unknown): void;
  succeeded(): void;
  leftMs(): number;
}

export function retryPause(): RetryPause {
  let failures = 0;
  let until = 0;
  return {
    failed(error) {
      const ms = isDenied(error) ? DENIED_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
      failures++;
      until = performance.now() + ms;
    },
    succeeded() {
      failures = 0;
      until = 0;
    },
    leftMs: () => Math.max(0, until - performance.now()),
  };
}
