import { z } from 'exporter-kit/config';
import { proxyRules } from 'exporter-kit/http-client';
import { secret } from '../net/tls.ts';

/** A module's proxy settings, with blackbox_exporter's keys. */
export const proxyConfig = {
  proxy_url: z
    .string()
    .superRefine((http, { addIssue }) => {
      try {
        proxyRules({ http });
      } catch (error) {
        // Without the input, which may hold a password.
        addIssue({ code: 'custom', message: (error as Error).message, input: undefined });
      }
    })
    .optional(),
  no_proxy: z.string().default(''),
  /** Uses `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`. */
  proxy_from_environment: z.boolean().default(false),
  /** Headers of CONNECT requests. */
  proxy_connect_header: z.record(z.string(), z.array(secret)).default({}),
  /** Leaves names that cannot be resolved here to the proxy. */
  skip_resolve_phase_with_proxy: z.boolean().default(false),
};

type ProxyConfig = z.infer<z.ZodObject<typeof proxyConfig>>;

/** Why these keys contradict each other, by blackbox_exporter's rules; `undefined` if they do not. */
export function contradiction(
  config: ProxyConfig,
): { readonly key: keyof ProxyConfig; readonly why: string } | undefined {
  const { proxy_url: url, no_proxy: no, proxy_from_environment: env, proxy_connect_header: more } = config;
  if (env && url !== undefined)
    return { key: 'proxy_url', why: 'use either proxy_url or proxy_from_environment, not both' };
  if (no !== '' && url === undefined) return { key: 'no_proxy', why: 'needs proxy_url' };
  if (Object.keys(more).length > 0 && url === undefined && !env) {
    return { key: 'proxy_connect_header', why: 'needs a proxy; set proxy_url or proxy_from_environment' };
  }
  return undefined;
}
