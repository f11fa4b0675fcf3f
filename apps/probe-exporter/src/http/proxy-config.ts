import { z } from 'exporter-kit/config';
import { proxyRules } from 'exporter-kit/http';
import { secret } from '../net/tls.ts';

/** A module's keys about proxies, with blackbox_exporter's names. */
export const proxyConfig = {
  proxy_url: z
    .string()
    .superRefine((http, { addIssue }) => {
      try {
        proxyRules({ http });
      } catch (error) {
        // Without what is written there, which may hold a password.
        addIssue({ code: 'custom', message: (error as Error).message, input: undefined });
      }
    })
    .optional(),
  no_proxy: z.string().default(''),
  /** `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`. */
  proxy_from_environment: z.boolean().default(false),
  /** For CONNECT alone. */
  proxy_connect_header: z.record(z.string(), z.array(secret)).default({}),
  /** Leaves names that can't be looked up here to the proxy. */
  skip_resolve_phase_with_proxy: z.boolean().default(false),
};

/** What a module says of proxies. */
type ProxyConfig = z.infer<z.ZodObject<typeof proxyConfig>>;

/** Why these keys make no sense together, if so; the rules are blackbox_exporter's. */
export function contradiction(
  config: ProxyConfig,
): { readonly key: keyof ProxyConfig; readonly why: string } | undefined {
  const { proxy_url: url, no_proxy: no, proxy_from_environment: env, proxy_connect_header: more } = config;
  if (env && url !== undefined) return { key: 'proxy_url', why: 'excludes proxy_from_environment; leave one out' };
  if (no !== '' && url === undefined) return { key: 'no_proxy', why: 'is about proxy_url, which is missing' };
  if (Object.keys(more).length > 0 && url === undefined && !env) {
    return { key: 'proxy_connect_header', why: 'is for a proxy; give proxy_url or proxy_from_environment' };
  }
  return undefined;
}
