import { RE2JS } from 're2js';

/** The library for bundlers, which follow this import and no other; package.json gives them this file. */
export const re2 = (): typeof RE2JS => RE2JS;
