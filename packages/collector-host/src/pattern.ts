import { z } from 'exporter-kit/config';

/** A setting that is a regular expression. */
export type Pattern = z.ZodPipe<z.ZodDefault<z.ZodString>, z.ZodTransform<RegExp, string>>;

/** A setting that is a regular expression, for collectors' configs. */
export function pattern(preset: RegExp, description: string): Pattern {
  const text = z.string().default(preset.source.replaceAll('\\/', '/')).describe(description);
  return text.transform((source, { issues }) => {
    try {
      return new RegExp(source);
    } catch (error) {
      issues.push({ code: 'custom', input: source, message: (error as Error).message });
      return z.NEVER;
    }
  });
}
