import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

const load = createRequire(import.meta.url);
let library: { readonly RE2JS: typeof RE2JS } | undefined;

/** The library, loaded at the first call: for programs that have presets only, it would take longer than all settings. */
export function re2(): typeof RE2JS {
  library ??= load('re2js') as NonNullable<typeof library>;
  return library.RE2JS;
}
