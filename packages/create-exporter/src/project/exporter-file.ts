import { z } from 'zod';

/** The file at the root of a project that says where it came from and which port is its own. */
export const exporterFileName = '.exporter.json';

const additionSchema = z.strictObject({
  /** Of the templates, what it was made from; or a package whose collectors it takes. */
  template: z.string().optional(),
  version: z.number().int().optional(),
  title: z.string().optional(),
  package: z.string().optional(),
});

/** What the file holds. Projects written by hand have one too, for their port and owner. */
export const exporterFileSchema = z.looseObject({
  /** The template's folder; `null` for a project written by hand. */
  template: z.string().nullable(),
  /** The template's version, when it was last rendered. */
  version: z.number().int().optional(),
  name: z.string().optional(),
  port: z.number().int().min(1).max(65535).optional(),
  /** The team or person to ask. */
  owner: z.string().optional(),
  /** What its metrics' names start with; by default, what its name says. */
  namespace: z.string().optional(),
  /** Its container image; by default, as its package. */
  image: z.string().optional(),
  /** What was asked, and the answers. */
  answers: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  /** What `add` has added, by name. */
  additions: z.record(z.string(), additionSchema).optional(),
  /** The files as they were rendered, each with its SHA-256. What differs now was edited. */
  files: z.record(z.string(), z.string()).optional(),
});

/** The content of a project's `.exporter.json`. */
export type ExporterFile = z.infer<typeof exporterFileSchema>;
/** One entry of `additions`. */
export type Addition = z.infer<typeof additionSchema>;

/** The file's text, in the schema's order. Objects only, no arrays: so every formatter leaves it as it is. */
export const exporterFileText = (about: ExporterFile): string =>
  `${JSON.stringify(exporterFileSchema.parse(about), undefined, 2)}\n`;
