import { z } from 'zod';

/** The file at the root of a project that says where it came from and which port is its own. */
export const exporterFileName = '.exporter.json';

/** What the file holds. Projects written by hand have one too, for their port. */
export const exporterFileSchema = z.looseObject({
  /** The template's folder; `null` for a project written by hand. */
  template: z.string().nullable(),
  /** The template's version at that time. */
  version: z.string().optional(),
  name: z.string().optional(),
  port: z.number().int().min(1).max(65535).optional(),
  /** What was asked, and the answers. */
  answers: z.record(z.string(), z.unknown()).optional(),
});

/** The content of a project's `.exporter.json`. */
export type ExporterFile = z.infer<typeof exporterFileSchema>;
