const secretKey =
  /pass(word|phrase|wd)?|secret|token|credential|authori[sz]ation|cookie|api[-_]?key|private|signature|connect[-_]header/i;
// Names of files and URLs are not secret.
const harmless = /[-_](file|url)$/i;
/** Replaces secrets in output. */
export const MASK = '<secret>';
// Shorter secrets would match inside ordinary words.
const LEAST_CHARACTERS = 4;

/** Returns a function that masks each secret of four characters or more in a text: as it is, in JSON and in URLs. */
export function secretsMasker(secrets: Iterable<string>): (text: string) => string {
  const all = [...secrets]
    .filter((secret) => secret.length >= LEAST_CHARACTERS)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), inUrl(secret)]);
  // Longest first, since one may begin with another; all at once, since one may be part of the mask.
  const forms = [...new Set(all)].sort((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  const any = new RegExp(forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(any, MASK);
}

function inUrl(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    // Half a surrogate pair.
    return secret;
  }
}

/** Masks secrets in settings: values of keys that look secret, credentials in URLs, and known secrets. */
export function maskedSettings(settings: unknown, known: readonly string[] = []): unknown {
  return mapped(settings, false, (text, secret) => (secret || known.includes(text) ? MASK : maskedUrls(text)));
}

/** Returns a function that masks the secrets of these settings, credentials in URLs, and known secrets in a text. */
export function settingsMasker(settings: unknown, known: readonly string[] = []): (text: string) => string {
  const secrets = [...known];
  mapped(settings, false, (text, secret) => {
    if (secret) secrets.push(text);
  });
  const mask = secretsMasker(secrets);
  return (text) => maskedUrls(mask(text));
}

/** A copy with mapped leaves; `leaf` gets whether one of their keys looks secret. */
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
