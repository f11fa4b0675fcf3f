import type { Mode } from '../push/sink.ts';
import { type Flag, type FlagsOf, flag, type TypedFlag, toggle } from '../run/flags/flag.ts';
import { duration, oneOf, text } from '../run/flags/forms.ts';
import { type SinkValues, sinkFlags } from '../run/flags/sink-flags.ts';
import { infoFlags, logFlags } from '../run/flags/standard-flags.ts';
import type { LogOptions } from '../run/process/log.ts';

/** What the program is called; also the beginning of its environment variables. */
export const PROGRAM = 'exporter-push';

/** What is to be pushed where, and how. */
export interface PushValues extends SinkValues, LogOptions {
  readonly job: string | undefined;
  readonly mode: Mode;
  readonly delete: boolean;
  readonly timeoutMs: number | undefined;
  readonly killAfterMs: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly passwordFile: string | undefined;
  readonly bearerToken: string | undefined;
  readonly bearerTokenFile: string | undefined;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly dryRun: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

const shared = sinkFlags({ pushTimeoutMs: 10_000, pushRequired: false });

/** The same flag by a name that does not repeat what the program is about; `runJob`'s name for it works too. */
const short = <T>(one: TypedFlag<T>, name = one.name.replace('push.', '')): TypedFlag<T> => ({
  ...one,
  name,
  alias: one.name,
});

/** The flags of `exporter-push`, in the order of its help. */
export const pushFlags: FlagsOf<PushValues> = {
  job: flag({ name: 'job', help: 'Value of the label "job". Required, except by flush.', ...text('NAME') }),
  grouping: short(shared.grouping),
  gateways: short(shared.gateways),
  textfiles: short(shared.textfiles),
  remoteWrites: short(shared.remoteWrites),
  remoteWriteVersion: short(shared.remoteWriteVersion),
  otlps: short(shared.otlps),
  mode: flag({
    name: 'mode',
    help: 'Replace metrics of the same names (add, a POST) or the whole group (replace, a PUT).',
    default: 'add',
    ...oneOf('add', 'replace'),
  }),
  delete: toggle({ name: 'delete', help: 'Delete the group.', commandLineOnly: true }),
  timeoutMs: flag({
    name: 'timeout',
    help: 'Timeout of the command, such as 1h30m; it then gets SIGTERM.',
    otherwise: 'no limit',
    ...duration(1),
  }),
  killAfterMs: flag({
    name: 'kill-after',
    help: 'How long the command may take to end after SIGTERM; it then gets SIGKILL.',
    default: 10_000,
    ...duration(0),
  }),
  spool: short(shared.spool),
  pushTimeoutMs: short(shared.pushTimeoutMs, 'push-timeout'),
  pushRequired: short(shared.pushRequired, 'push-required'),
  username: flag({ name: 'username', help: 'User name for basic auth.', ...text('NAME') }),
  passwordFile: flag({ name: 'password-file', help: 'File with the password for basic auth.', ...text('FILE') }),
  bearerTokenFile: flag({
    name: 'bearer-token-file',
    help: 'File with a token, sent as Authorization: Bearer.',
    ...text('FILE'),
  }),
  password: flag({ name: 'password', help: 'Password for basic auth.', secret: true, ...text('PASSWORD') }),
  bearerToken: flag({ name: 'bearer-token', help: 'Bearer token.', secret: true, ...text('TOKEN') }),
  caFile: flag({ name: 'ca-file', help: "CA certificates to trust instead of the system's, in PEM.", ...text('FILE') }),
  certFile: flag({ name: 'cert-file', help: 'Client certificate, in PEM; with --key-file.', ...text('FILE') }),
  keyFile: flag({ name: 'key-file', help: 'Private key of the client certificate, in PEM.', ...text('FILE') }),
  dryRun: toggle({
    name: 'dry-run',
    help: 'Print what would be pushed, and push nothing. A command is still run.',
    commandLineOnly: true,
  }),
  ...logFlags('warn'),
  ...infoFlags,
};

/** The same as a list. */
export const allPushFlags: readonly Flag[] = Object.values<Flag>(pushFlags);
