/** A double, and the same bytes as two words. Stored whole and read in parts, which no processor has to wait for. */
export const double: Float64Array = new Float64Array(1);
export const words: Uint32Array = new Uint32Array(double.buffer);

double[0] = 1;
/** Which word has the sign, the exponent and the first 20 bits of the mantissa. */
export const HIGH: 0 | 1 = words[1] === 0 ? 0 : 1;
export const LOW: 0 | 1 = HIGH === 1 ? 0 : 1;
