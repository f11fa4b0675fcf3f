import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'exporter-kit/config';

// Set from the body.
const derived = /^(content-length|transfer-encoding|trailer)$/i;

/** `headers` of a module. Those that cannot be sent as written are errors. */
export const moduleHeaders = z.record(z.string(), z.string()).superRefine((headers, { addIssue }) => {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const wrong = (message: string): void => addIssue({ code: 'custom', path: [name], message });
    if (derived.test(name)) wrong('is set from the body; remove it');
    if (seen.has(name.toLowerCase())) wrong('is set twice; header names are case-insensitive');
    seen.add(name.toLowerCase());
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      wrong('is not a valid header');
    }
  }
});
