import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import { addressConfig } from '../net/address.ts';
import { secret, tlsConfig } from '../net/tls.ts';
import { moduleHeaders } from './module-headers.ts';
import { contradiction, proxyConfig } from './proxy-config.ts';

const headerMatch = z.strictObject({ header: z.string(), regexp: regexp(), allow_missing: z.boolean().default(false) });

const powers = ['', 'K', 'M', 'G', 'T', 'P', 'E'];

/** Such as `10MB`; 0 or less means no limit. */
const size = z.string().transform((written, { issues }) => {
  const [, minus, sizes = ''] = /^([-+]?)((?:\d+(?:\.\d+)?[KMGTPE]?i?B)+)$/.exec(written) ?? [];
  const parts = [...sizes.matchAll(/([\d.]+)([KMGTPE]?)/g)];
  if (parts.length > 0 || written === '0') {
    const sum = parts.reduce((all, [, count, power]) => all + Number(count) * 1024 ** powers.indexOf(power!), 0);
    return minus === '-' ? 0 : Math.floor(sum);
  }
  issues.push({ code: 'custom', input: written, message: 'is not a size; write 512KB or 10MB' });
  return z.NEVER;
});

const keys = z.strictObject({
  ...addressConfig,
  valid_status_codes: z.array(z.number().int()).default([]),
  valid_http_versions: z.array(z.enum(['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0'])).default([]),
  method: z
    .string()
    .regex(/^[A-Z]+$/)
    .default('GET'),
  headers: moduleHeaders.default({}),
  body: z.string().optional(),
  body_file: z.string().optional(),
  body_size_limit: size.default(0),
  compression: z.enum(['', 'identity', 'gzip', 'br', 'deflate']).default(''),
  follow_redirects: z.boolean().default(true),
  /** The former, negated name of `follow_redirects`. */
  no_follow_redirects: z.boolean().optional(),
  fail_if_ssl: z.boolean().default(false),
  fail_if_not_ssl: z.boolean().default(false),
  fail_if_body_matches_regexp: z.array(regexp()).default([]),
  fail_if_body_not_matches_regexp: z.array(regexp()).default([]),
  fail_if_header_matches: z.array(headerMatch).default([]),
  fail_if_header_not_matches: z.array(headerMatch).default([]),
  tls_config: tlsConfig.prefault({}),
  basic_auth: z
    .strictObject({
      username: z.string().optional(),
      username_file: z.string().optional(),
      password: secret.optional(),
      password_file: z.string().optional(),
    })
    .optional(),
  authorization: z
    .strictObject({
      type: z.string().default('Bearer'),
      credentials: secret.optional(),
      credentials_file: z.string().optional(),
    })
    .optional(),
  bearer_token: secret.optional(),
  bearer_token_file: z.string().optional(),
  enable_http2: z.boolean().default(true),
  ...proxyConfig,
});

/** The section `http` of a module, with blackbox_exporter's keys and defaults. */
export const httpConfig = keys.superRefine((config, { addIssue }) => {
  const wrong = contradiction(config);
  if (wrong !== undefined) addIssue({ code: 'custom', path: [wrong.key], message: wrong.why });
});

export type HttpConfig = z.infer<typeof httpConfig>;
