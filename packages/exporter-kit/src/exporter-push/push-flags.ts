import type { Flag } from '../run/flags/flags.ts';
import { commonFlags } from '../run/flags/standard-flags.ts';

/** What the program is called; also the beginning of its environment variables. */
export const PROGRAM = 'exporter-push';

/** The flags of `exporter-push`, in the order of its help. */
export const pushFlags: readonly Flag[] = [
  { name: 'job', type: 'text', value: 'NAME', help: 'The value of the label "job". Required, except by flush.' },
  {
    name: 'grouping',
    type: 'list',
    value: 'LABEL=VALUE',
    help: 'Tells runs of one job apart, such as instance=db1; any value, also with "/". Repeatable.',
  },
  { name: 'gateway', type: 'list', value: 'URL', help: 'A Pushgateway, such as http://pushgateway:9091. Repeatable.' },
  {
    name: 'textfile',
    type: 'list',
    value: 'DIRECTORY',
    help: 'A directory that a textfile collector reads. Repeatable.',
  },
  {
    name: 'mode',
    type: 'text',
    value: 'add|replace',
    help: 'Replace metrics of the same names (POST), or the whole group (PUT).',
    preset: 'add',
  },
  { name: 'delete', type: 'switch', help: 'Take the group away.', commandLineOnly: true },
  {
    name: 'timeout',
    type: 'text',
    value: 'DURATION',
    help: 'How long the command may run, such as 1h30m; then it gets SIGTERM.',
    preset: 'no limit',
  },
  {
    name: 'kill-after',
    type: 'text',
    value: 'DURATION',
    help: 'How long it may go on after that SIGTERM; then it gets SIGKILL.',
    preset: '10s',
  },
  {
    name: 'spool',
    type: 'text',
    value: 'DIRECTORY',
    help: 'Keeps what could not be pushed until the next run, or until flush. Made when it is not there.',
  },
  {
    name: 'push-timeout',
    type: 'text',
    value: 'DURATION',
    help: 'How long is tried to push a result.',
    preset: '10s',
  },
  {
    name: 'push-required',
    type: 'switch',
    help: 'Exit with 75 if the command succeeded but its result could not be delivered.',
  },
  { name: 'username', type: 'text', value: 'NAME', help: 'For basic auth.' },
  { name: 'password-file', type: 'text', value: 'FILE', help: 'Holds the password for basic auth.' },
  { name: 'bearer-token-file', type: 'text', value: 'FILE', help: 'Holds a token, sent as Authorization: Bearer.' },
  { name: 'password', type: 'text', help: 'The password itself.', secret: true },
  { name: 'bearer-token', type: 'text', help: 'The token itself.', secret: true },
  { name: 'ca-file', type: 'text', value: 'FILE', help: "Authorities to trust instead of the system's, in PEM." },
  { name: 'cert-file', type: 'text', value: 'FILE', help: 'Our certificate, in PEM; with --key-file.' },
  { name: 'key-file', type: 'text', value: 'FILE', help: 'Its key, in PEM.' },
  {
    name: 'dry-run',
    type: 'switch',
    help: 'Print what would be pushed, and push nothing. A command is run all the same.',
    commandLineOnly: true,
  },
  ...commonFlags.map((flag) => (flag.name === 'log.level' ? { ...flag, preset: 'warn' } : flag)),
];
