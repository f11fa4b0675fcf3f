const secretKey =
  /pass(word|phrase|wd)?|secret|token|credential|authori[sz]ation|cookie|api[-_]?key|private|signature|connect[-_]header/i;
// What names a file or a place is none.
const harmless = /[-_](file|url)$/i;
/** Stands in the place of a secret. */
export const MASK = '<secret>';
// What is shorter occurs in words that are none.
const LEAST_CHARACTERS = 4;

/**
 * Settings without secrets: what stands under a key that sounds like one, users and passwords in URLs, and what is known as
 * a secret.
 */
export function masked(settings: unknown, known: readonly string[] = []): unknown {
  return mapped(settings, false, (text, secret) => (secret || known.includes(text) ? MASK : maskedUrls(text)));
}

/** Makes the function that takes the secrets of some settings, those in URLs, and known ones, out of a text. */
export function masker(settings: unknown, known: readonly string[] = []): (text: string) => string {
  const secrets = known.filter((text) => text.length >= LEAST_CHARACTERS);
  mapped(settings, false, (text, secret) => {
    if (secret && text.length >= LEAST_CHARACTERS) secrets.push(text);
  });
  return (text) => maskedUrls(secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text));
}

/** The same form with other leaves, each told whether it stands under a secret's key. */
function mapped(value: unknown, secret: boolean, leaf: (text: string, secret: boolean) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => mapped(one, secret, leaf));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
      key,
      mapped(inner, secret || (secretKey.test(key) && !harmless.test(key)), leaf),
    ]);
    return Object.fromEntries(entries);
  }
  if (typeof value === 'string') return leaf(value, secret);
  return value !== null && value !== undefined && leaf(String(value), secret) === MASK ? MASK : value;
}

const maskedUrls = (text: string): string => text.replace(/\/\/[^/?#\s]*@/g, `//${MASK}@`);
