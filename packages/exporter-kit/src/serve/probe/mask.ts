const secretKey =
  /pass(word|phrase|wd)?|secret|token|credential|authori[sz]ation|cookie|api[-_]?key|private|signature/i;
// What names a file or a place is none.
const harmless = /_(file|url)$/i;
const MASK = '<secret>';
// What is shorter occurs in words that are none.
const LEAST_CHARACTERS = 4;

/** Settings without secrets: what stands under a key that sounds like one, and users and passwords in URLs. */
export function masked(settings: unknown): unknown {
  return mapped(settings, false, (text, secret) => (secret ? MASK : maskedUrls(text)));
}

/** Makes the function that takes the secrets of some settings, and those in URLs, out of a text. */
export function masker(settings: unknown): (text: string) => string {
  const secrets: string[] = [];
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
  return typeof value === 'string' ? leaf(value, secret) : secret ? MASK : value;
}

const maskedUrls = (text: string): string => text.replace(/\/\/[^/?#\s]*@/g, `//${MASK}@`);
