import { encodeToString } from '../encode/encode.ts';
import { text } from '../encode/text.ts';
import type { Sink } from './sink.ts';

/** Prints the exposition to standard output, for a look. It keeps nothing, so `replace` and `add` are the same here. */
export function stdout(): Sink {
  return {
    name: 'stdout',
    modes: [],
    keep: false,
    deliver({ snapshot }) {
      return new Promise((resolve, reject) => {
        // Whoever read it may be gone; with nobody to hear of that, the process would end.
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
