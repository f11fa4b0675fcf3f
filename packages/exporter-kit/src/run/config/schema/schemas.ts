/// <reference types="node" preserve="true" />
import { parseDuration } from '../../../time/duration.ts';
import { z } from './zod.ts';

export { tuneFrom, tuning } from './tuning.ts';
export { z };

/** A setting that is a duration; milliseconds for the exporter. */
export type Duration<Input extends z.ZodType = z.ZodString> = z.ZodPipe<Input, z.ZodTransform<number, string>>;

/**
 * A setting that is a duration as Prometheus writes it (`15s`, `1m30s`, `500ms`), in flags, environment and file; the
 * exporter gets milliseconds.
 *
 * Without a default the setting is required, unless `.optional()`.
 */
export function duration(): Duration;
/**
 * A setting that is a duration (`15s`, `1m30s`, `500ms`), with a default; the exporter gets milliseconds.
 *
 * @example
 * config: z.object({ timeout: duration('5s').describe('How long to wait for the broker.') })
 */
export function duration(preset: string): Duration<z.ZodDefault<z.ZodString>>;
export function duration(preset?: string): Duration | Duration<z.ZodDefault<z.ZodString>> {
  const written = z.string().meta({ placeholder: 'DURATION' });
  if (preset === undefined) return written.transform(milliseconds);
  parseDuration(preset);
  return written.default(preset).transform(milliseconds);
}

function milliseconds(text: string, { issues }: z.core.$RefinementCtx): number {
  try {
    return parseDuration(text);
  } catch (error) {
    issues.push({ code: 'custom', input: text, message: (error as Error).message });
    return z.NEVER;
  }
}

/**
 * A setting that is a secret. It may be in a file: a secret `password` is also read from the file that `--password-file`,
 * `…_PASSWORD_FILE` or `password-file` names. It never appears in help, logs, errors or status pages. Any string schema
 * becomes a secret with `.meta({ secret: true })`.
 *
 * @example
 * config: z.object({ password: secret().optional().describe('For the broker.') })
 */
export function secret(): z.ZodString {
  return z.string().meta({ secret: true });
}
