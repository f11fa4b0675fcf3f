import { z } from 'zod';

/** The file at the root of a project that records its template, answers and port. */
export const exporterFileName = '.exporter.json';

const additionSchema = z.strictObject({
  /** The template of an addition; or a package whose collectors are used. */
  template: z.string().optional(),
  version: z.number().int().optional(),
  title: z.string().optional(),
  package: z.string().optional(),
});

/** The file's content. Projects written by hand have one too, for their port and owner. */
export const exporterFileSchema = z.looseObject({
  /** The template's folder; `null` for a project written by hand. */
  template: z.string().nullable(),
  /** The template's version, when it was last rendered. */
  version: z.number().int().optional(),
  name: z.string().optional(),
  port: z.number().int().min(1).max(65535).optional(),
  /** The responsible team or person. */
  owner: z.string().optional(),
  /** Prefix of its metrics' names; by default derived from its name. */
  namespace: z.string().optional(),
  /** Its container image; by default named like its package. */
  image: z.string().optional(),
  /** The answers. */
  answers: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  /** What `add` has added, by name. */
  additions: z.record(z.string(), additionSchema).optional(),
  /** SHA-256 of each file as rendered; a file that differs now was edited. */
  files: z.record(z.string(), z.string()).optional(),
});

/** The content of a project's `.exporter.json`. */
export type ExporterFile = z.infer<typeof exporterFileSchema>;
/** One entry of `additions`. */
export type Addition = z.infer<typeof additionSchema>;

/** The file's text, in the schema's order. Objects only, no arrays, so that no formatter changes it. */
export const exporterFileText = (about: ExporterFile): string =>
  `${JSON.stringify(exporterFileSchema.parse(about), undefined, 2)}\n`;
