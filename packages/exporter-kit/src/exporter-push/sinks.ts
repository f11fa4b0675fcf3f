import type { Logger } from '../collect/context.ts';
import { otlp } from '../push/otlp/otlp.ts';
import { type PushgatewayOptions, pushgateway } from '../push/pushgateway.ts';
import { remoteWrite } from '../push/remote-write/remote-write.ts';
import type { Sink } from '../push/sink.ts';
import { stdout } from '../push/stdout.ts';
import { variableOf } from '../run/flags/read-flags.ts';
import * as shared from '../run/flags/sink-flags.ts';
import { UsageError } from '../run/usage-error.ts';
import { PROGRAM, type PushValues, pushFlags } from './push-flags.ts';

/** Where results go, and for how long delivery is attempted. */
export interface Sending {
  readonly to: readonly Sink[];
  readonly log: Logger;
  readonly pushTimeoutMs: number;
  /** A directory that keeps what could not be delivered. */
  readonly spool?: string;
}

/**
 * The sinks that the flags name.
 *
 * @throws UsageError if there are none, or if flags contradict each other.
 */
export function sinksOf(values: PushValues): Sink[] {
  if (values.dryRun) return [stdout()];
  const urls = [...values.gateways, ...values.remoteWrites, ...values.otlps];
  if (urls.length + values.textfiles.length === 0) {
    const variable = variableOf(PROGRAM, 'gateway');
    throw new UsageError(
      `no destination; give --gateway=http://HOST:9091 or set $${variable}; --remote-write, --otlp, --textfile and --dry-run do too.`,
    );
  }
  const auth = urls.length === 0 ? {} : authOf(values);
  const tls = tlsOf(values);
  const isHttps = (url: string): boolean => /^https:/i.test(url);
  if (tls !== undefined && !urls.some(isHttps)) {
    throw new UsageError('--ca-file, --cert-file and --key-file are for https, and no URL with https:// is given.');
  }
  const optionsFor = (url: string): PushgatewayOptions => ({
    ...auth,
    timeoutMs: values.pushTimeoutMs,
    ...(tls !== undefined && isHttps(url) && { tls }),
  });
  return shared.sinksOf(pushFlags, values, {
    gateway: (url) => pushgateway(url, optionsFor(url)),
    remoteWrite: (url, options) => remoteWrite(url, { ...options, ...optionsFor(url) }),
    otlp: (url) => otlp(url, optionsFor(url)),
  });
}

/** Credentials, the same for every URL. */
function authOf(values: PushValues): Pick<PushgatewayOptions, 'username' | 'password' | 'bearerToken'> {
  const { username } = values;
  const password = secretOf('password', values.password, values.passwordFile);
  const bearerToken = secretOf('bearer-token', values.bearerToken, values.bearerTokenFile);
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(bearerToken !== undefined && { bearerToken }),
  };
}

function tlsOf({ caFile, certFile, keyFile }: PushValues): PushgatewayOptions['tls'] {
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new UsageError('--cert-file and --key-file must be set together, or neither.');
  }
  if (caFile === undefined && certFile === undefined) return undefined;
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && keyFile !== undefined && { certFile, keyFile }),
  };
}

/** A secret from its variable, or the file that holds it. */
function secretOf(name: string, secret: string | undefined, file: string | undefined) {
  if (secret !== undefined && file !== undefined) {
    throw new UsageError(`$${variableOf(PROGRAM, name)} and --${name}-file are both set; leave one out.`);
  }
  return secret ?? (file === undefined ? undefined : { file });
}
