import { z } from 'zod';

const port = z.string().regex(/^127\.0\.0\.1:(\d+):\d+$/, 'is published on loopback: 127.0.0.1:<port>:<port>');
const image = z.string().regex(/^[a-z0-9./-]+:v?\d+(\.\d+)+$/, 'has a version, which is not "latest"');

const service = z.strictObject({
  image,
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).optional(),
  depends_on: z.array(z.string()).optional(),
  ports: z.array(port).optional(),
  volumes: z.array(z.string().regex(/^\.\/[^:]+:\/[^:]+:ro$/, 'is a file beside it, read-only')).optional(),
  read_only: z.literal(true).optional(),
  cap_drop: z.tuple([z.literal('ALL')]).optional(),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]).optional(),
  mem_limit: z
    .string()
    .regex(/^\d+m$/)
    .optional(),
});

/**
 * As much of the Compose specification as our files use, and not a key more: `docker compose` is not run in tests. What we
 * build is also held to what we promise of it.
 */
export const composeSchema = z
  .strictObject({ name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/), services: z.record(z.string(), service) })
  .superRefine(({ services }, context) => {
    const say = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path: ['services', ...path], message });
    for (const [name, { build, depends_on = [], ...rest }] of Object.entries(services)) {
      for (const other of depends_on) {
        if (!(other in services)) say([name, 'depends_on'], `${other} is no service`);
      }
      if (build === undefined) continue;
      for (const key of ['read_only', 'cap_drop', 'security_opt', 'mem_limit'] as const) {
        if (rest[key] === undefined) say([name], `lacks ${key}`);
      }
    }
  });
