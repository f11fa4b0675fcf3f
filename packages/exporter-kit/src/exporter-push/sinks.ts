import { messageOf } from '../errors/thrown.ts';
import { type PushgatewayOptions, pushgateway } from '../push/pushgateway.ts';
import type { Sink } from '../push/sink.ts';
import { stdout } from '../push/stdout.ts';
import { textfile } from '../push/textfile.ts';
import { type FlagValues, variableOf } from '../run/flags/flags.ts';
import { UsageError } from '../run/usage-error.ts';
import { PROGRAM } from './push-flags.ts';

/**
 * Where the flags say that results go.
 *
 * @throws UsageError when they say nowhere, or contradict each other.
 */
export function sinksOf(values: FlagValues, pushTimeoutMs: number): Sink[] {
  if (values.get('dry-run')) return [stdout()];
  const gateways = (values.get('gateway') ?? []) as readonly string[];
  const directories = (values.get('textfile') ?? []) as readonly string[];
  if (gateways.length + directories.length === 0) {
    const variable = variableOf(PROGRAM, 'gateway');
    throw new UsageError(
      `where to? Give --gateway=http://HOST:9091 or set $${variable}; --textfile and --dry-run do too.`,
    );
  }
  const auth = gateways.length === 0 ? {} : authOf(values);
  const tls = tlsOf(values);
  const isHttps = (url: string): boolean => /^https:/i.test(url);
  if (tls !== undefined && !gateways.some(isHttps)) {
    throw new UsageError('--ca-file, --cert-file and --key-file are for https, and no --gateway=https://… is given.');
  }
  const options = { ...auth, timeoutMs: pushTimeoutMs };
  try {
    return [
      ...gateways.map((url) => pushgateway(url, tls !== undefined && isHttps(url) ? { ...options, tls } : options)),
      ...directories.map((directory) => textfile(directory)),
    ];
  } catch (cause) {
    throw new UsageError(`--gateway: ${messageOf(cause)}`, { cause });
  }
}

/** What is known to a gateway, whichever it is. */
function authOf(values: FlagValues): Pick<PushgatewayOptions, 'username' | 'password' | 'bearerToken'> {
  const username = values.get('username') as string | undefined;
  const password = secretOf(values, 'password');
  const bearerToken = secretOf(values, 'bearer-token');
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(bearerToken === undefined ? {} : { bearerToken }),
  };
}

function tlsOf(values: FlagValues): NonNullable<PushgatewayOptions['tls']> | undefined {
  const [caFile, certFile, keyFile] = ['ca-file', 'cert-file', 'key-file'].map(
    (name) => values.get(name) as string | undefined,
  );
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new UsageError('--cert-file and --key-file belong together; give both or none.');
  }
  if (caFile === undefined && certFile === undefined) return undefined;
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined || keyFile === undefined ? {} : { certFile, keyFile }),
  };
}

/** A secret from its variable, or the file that holds it. */
function secretOf(values: FlagValues, name: string): string | { readonly file: string } | undefined {
  const secret = values.get(name) as string | undefined;
  const file = values.get(`${name}-file`) as string | undefined;
  if (secret !== undefined && file !== undefined) {
    throw new UsageError(`$${variableOf(PROGRAM, name)} and --${name}-file are both set; leave one out.`);
  }
  return secret ?? (file === undefined ? undefined : { file });
}
