import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'exporter-kit/config';

// What these say follows from the body.
const derived = /^(content-length|transfer-encoding|trailer)$/i;

/** `headers` of a module: each of them is sent as it is written, or refused here. */
export const moduleHeaders = z.record(z.string(), z.string()).superRefine((headers, { addIssue }) => {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const wrong = (message: string): void => addIssue({ code: 'custom', path: [name], message });
    if (derived.test(name)) wrong('follows from the body; leave it out');
    if (seen.has(name.toLowerCase())) wrong('is there twice; header names are the same in any case');
    seen.add(name.toLowerCase());
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      wrong('is not a valid header');
    }
  }
});
