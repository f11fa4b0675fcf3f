import { otlp } from '../../push/otlp/otlp.ts';
import { pushgateway } from '../../push/pushgateway.ts';
import { type RemoteWriteOptions, remoteWrite } from '../../push/remote-write/remote-write.ts';
import type { Sink } from '../../push/sink.ts';
import { textfile } from '../../push/textfile.ts';
import { type FlagsOf, type Form, flag, list, named, toggle } from './flag.ts';
import { duration, oneOf, text } from './forms.ts';

/** Where results go, for runJob and exporter-push. */
export interface SinkValues {
  readonly gateways: readonly string[];
  readonly textfiles: readonly string[];
  readonly remoteWrites: readonly string[];
  readonly remoteWriteVersion: NonNullable<RemoteWriteOptions['version']>;
  readonly otlps: readonly string[];
  readonly grouping: readonly (readonly [label: string, value: string])[];
  readonly pushTimeoutMs: number;
  readonly pushRequired: boolean;
  readonly spool: string | undefined;
}

const pair: Form<readonly [label: string, value: string]> = {
  value: 'LABEL=VALUE',
  parse(written) {
    const at = written.indexOf('=');
    if (at < 1) throw new Error(`${JSON.stringify(written)} is not a label with its value; write LABEL=VALUE.`);
    return [written.slice(0, at), written.slice(at + 1)];
  },
};

/** The flags of {@link SinkValues}, with the defaults of a program. */
export const sinkFlags = ({
  pushTimeoutMs,
  pushRequired,
}: Pick<SinkValues, 'pushTimeoutMs' | 'pushRequired'>): FlagsOf<SinkValues> => ({
  gateways: list({
    name: 'push.gateway',
    help: 'Push the result to this Pushgateway, such as http://pushgateway:9091.',
    default: [],
    ...text('URL'),
  }),
  textfiles: list({
    name: 'push.textfile',
    help: 'Write the result into this directory, for a textfile collector.',
    default: [],
    ...text('DIRECTORY'),
  }),
  remoteWrites: list({
    name: 'push.remote-write',
    help: 'Send the result to this Prometheus remote write endpoint.',
    default: [],
    ...text('URL'),
  }),
  remoteWriteVersion: flag({
    name: 'push.remote-write-version',
    help: 'Version of remote write; auto is 2.0, and 1.0 for an endpoint that does not take it.',
    default: 'auto',
    ...oneOf('auto', '1.0', '2.0'),
  }),
  otlps: list({
    name: 'push.otlp',
    help: 'Send the result to this OTLP receiver, such as http://collector:4318.',
    default: [],
    ...text('URL'),
  }),
  grouping: list({
    name: 'push.grouping',
    help: 'Label of the group, such as instance=db1; distinguishes runs of one job.',
    default: [],
    ...pair,
  }),
  pushTimeoutMs: flag({
    name: 'push.timeout',
    help: 'Timeout for delivering the result to all of them, retries included.',
    default: pushTimeoutMs,
    ...duration(1),
  }),
  pushRequired: toggle({
    name: 'push.required',
    negatable: true,
    help: 'Exit with 75 if the job succeeded but its result could not be delivered.',
    default: pushRequired,
  }),
  spool: flag({
    name: 'push.spool',
    help: 'Directory that keeps what could not be delivered; the next run delivers it.',
    ...text('DIRECTORY'),
  }),
});

/** How a sink of each kind is made of its flag's value. */
export interface SinkMakers {
  readonly gateway: (url: string) => Sink;
  readonly remoteWrite: (url: string, options: RemoteWriteOptions) => Sink;
  readonly otlp: (url: string) => Sink;
}

/**
 * The sinks that the flags name.
 *
 * @throws FlagError naming the flag.
 */
export function sinksOf(
  flags: FlagsOf<SinkValues>,
  { gateways, textfiles, remoteWrites, remoteWriteVersion: version, otlps }: SinkValues,
  make: SinkMakers = { gateway: (url) => pushgateway(url), remoteWrite, otlp: (url) => otlp(url) },
): Sink[] {
  return [
    ...named(flags.gateways.name, () => gateways.map(make.gateway)),
    ...named(flags.textfiles.name, () => textfiles.map((directory) => textfile(directory))),
    ...named(flags.remoteWrites.name, () => remoteWrites.map((url) => make.remoteWrite(url, { version }))),
    ...named(flags.otlps.name, () => otlps.map(make.otlp)),
  ];
}
