import { encodeToString, text } from '../encode/encode.ts';
import type { Sink } from './sink.ts';

/** Prints the exposition to standard output. It keeps no groups, so `replace` and `add` are the same. */
export function stdout(): Sink {
  return {
    name: 'stdout',
    modes: [],
    keep: false,
    deliver({ snapshot }) {
      return new Promise((resolve, reject) => {
        // The reader may be gone; without a listener for that, the process would end.
        process.stdout.once('error', reject);
        process.stdout.write(encodeToString(snapshot, text), (error) => {
          if (error) return;
          process.stdout.off('error', reject);
          resolve();
        });
      });
    },
  };
}
