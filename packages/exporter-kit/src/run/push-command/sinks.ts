import { messageOf } from '../../collect/runner.ts';
import { type PushgatewayOptions, pushgateway } from '../../push/pushgateway.ts';
import type { Sink } from '../../push/sink.ts';
import { stdout } from '../../push/stdout.ts';
import { textfile } from '../../push/textfile.ts';
import { type FlagValues, variableOf } from '../flags.ts';
import { UsageError } from '../usage-error.ts';
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
  const options = gateways.length === 0 ? {} : { ...gatewayOptions(values), timeoutMs: pushTimeoutMs };
  try {
    return [
      ...gateways.map((url) => pushgateway(url, options)),
      ...directories.map((directory) => textfile(directory)),
    ];
  } catch (cause) {
    throw new UsageError(`--gateway: ${messageOf(cause)}`, { cause });
  }
}

function gatewayOptions(values: FlagValues): PushgatewayOptions {
  const text = (name: string): string | undefined => values.get(name) as string | undefined;
  const username = text('username');
  const password = secretOf(values, 'password');
  const bearerToken = secretOf(values, 'bearer-token');
  const [caFile, certFile, keyFile] = [text('ca-file'), text('cert-file'), text('key-file')];
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new UsageError('--cert-file and --key-file belong together; give both or none.');
  }
  const tls = {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(bearerToken === undefined ? {} : { bearerToken }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
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
